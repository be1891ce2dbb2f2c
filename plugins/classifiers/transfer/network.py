"""A network that is ready to describe pictures; one a process, built when it is first asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError, SightbenchError
from plugins.classifiers.transfer.efficientnet import write_efficientnet
from plugins.classifiers.transfer.engines import Engine, check_engine, layer_infos, start_engine
from plugins.classifiers.transfer.layers import Layer, Map, pooled
from plugins.classifiers.transfer.maps import Layout
from plugins.classifiers.transfer.own_network import Asked, Plan, Stamp, examine, read_model, stamp
from plugins.classifiers.transfer.preparation import Preparation
from plugins.classifiers.transfer.weights import find_weights, read_weights

MOST_NUMBERS = 2**16
"""That a picture may be described by."""
TOGETHER = 8
"""Pictures that are prepared before, and pooled after, the network sees them one by one."""
GREY = 128


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that features depend on: equal recipes give equal features.

    Parameters
    ----------
    side
        Of the picture for the network that comes with the extra (pixels).
    layers
        Of that network.
    own
        A network of the person's own, which takes its place; None for none.
    engine
        A word of `ENGINES`.
    """

    side: int
    layers: tuple[Layer, ...]
    own: Asked | None
    engine: str


@dataclass(frozen=True, eq=False)
class Network:
    """An engine with what goes before and after it."""

    engine: Engine
    plan: Plan

    def describe(self, pictures: NDArray[np.uint8]) -> Map:
        """Return the numbers [shape=(pictures, n)] that stand for pictures.

        Parameters
        ----------
        pictures
            [shape=(pictures, rows, columns, 3)]; the network sees one at a time.
        """
        starts = range(0, len(pictures), TOGETHER)
        return np.concatenate([self._describe(pictures[at : at + TOGETHER]) for at in starts])

    def _describe(self, pictures: NDArray[np.uint8]) -> Map:
        blobs = [self.plan.preparation.blob(picture) for picture in pictures]
        layers = zip(*(self.engine.maps(blob) for blob in blobs), strict=True)
        maps = [np.concatenate(layer) for layer in layers]
        numbers = pooled(maps, self.plan.layers, cast(tuple[Layout, ...], self.plan.maps))
        if not np.isfinite(numbers).all():
            raise ClassifierError(
                "transfer: the network gives values that are not finite numbers for a picture; "
                "look at range=, mean= and std=, or choose other layers=."
            )
        return numbers


def network_of(recipe: Recipe) -> Network:
    """Return the network of a recipe, the same for as long as its file stays as it is.

    Raises
    ------
    Unavailable
        The weights or the engine are not installed.
    ParameterError
        The file of an own network cannot be used as asked.
    ClassifierError
        The engine cannot run it, or what it gives cannot be used.
    """
    return _built(recipe, stamp(recipe.own.model) if recipe.own else None)


@lru_cache(maxsize=1)
def _built(recipe: Recipe, _stamp: Stamp | None) -> Network:
    check_engine(recipe.engine)
    plan = examine(recipe.own) if recipe.own else _shipped(recipe)
    names = [layer.name for layer in plan.layers]
    model = _model(recipe, names)
    what = recipe.own.model if recipe.own else "EfficientNet-Lite0"
    try:
        network = Network(start_engine(recipe.engine, model, names), plan)
        blank = np.full((*plan.preparation.size, 3), GREY, np.uint8)
        maps = network.engine.maps(plan.preparation.blob(blank))
    except SightbenchError:
        raise
    except Exception as error:  # engines have errors of their own, and any of them ends here
        raise ClassifierError(
            f"transfer: {recipe.engine} cannot run {what} ({_first_line(error)}); try the other "
            "engine=, or export the network anew."
        ) from error
    _check_maps(what, plan, maps)
    return network


def _shipped(recipe: Recipe) -> Plan:
    mean, std = (127.0,) * 3, (128.0,) * 3
    size = (recipe.side, recipe.side)
    layout: Layout = "nchw"
    preparation = Preparation(size, 255.0, mean, std, "rgb", layout)
    return Plan(preparation, recipe.layers, (layout,) * len(recipe.layers))


def _model(recipe: Recipe, names: list[str]) -> bytes:
    if recipe.own is None:
        return write_efficientnet(read_weights(find_weights()), recipe.side, tuple(names))
    return read_model(recipe.own.model).cut(names, layer_infos(recipe.engine, names))


def _check_maps(what: str, plan: Plan, maps: list[Any]) -> None:
    """Look at what the layers of a blank picture are, before any figure rests on them."""
    for map, layer, layout in zip(maps, plan.layers, plan.maps, strict=True):
        if not isinstance(map, np.ndarray) or map.dtype != np.float32 or map.ndim not in (2, 3, 4):
            raise ClassifierError(
                f"transfer: the layer {layer.name!r} of {what} is no map of 32-bit numbers; choose "
                "another with layers=."
            )
        if len(map) != 1 or not map.size:
            raise ClassifierError(
                f"transfer: the layer {layer.name!r} of {what} has the shape {map.shape} for one "
                "picture; choose another with layers=."
            )
        if map.ndim == 4 and layout is None:
            raise ClassifierError(
                f"transfer: the steps before the layer {layer.name!r} of {what} do not tell which "
                "axes are channels, rows and columns; give maps= (nchw or nhwc)."
            )
    filled: tuple[Layout, ...] = tuple(layout or "nchw" for layout in plan.maps)
    count = pooled(maps, plan.layers, filled).shape[1]
    if count > MOST_NUMBERS:
        raise ClassifierError(
            f"transfer: the layers of {what} give {count:,} numbers a picture, more than "
            f"{MOST_NUMBERS:,}; choose fewer, or leave out rows, with layers=."
        )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
