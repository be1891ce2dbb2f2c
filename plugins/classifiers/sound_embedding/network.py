"""A network that is ready to describe clips; one a process, built when it is first asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError, SightbenchError
from plugins.classifiers.sound_embedding.own_network import WHO, Asked, Plan, examine
from plugins.classifiers.transfer.engines import Engine, check_engine, layer_infos, start_engine
from plugins.classifiers.transfer.own_network import Stamp, read_model, stamp

MOST_NUMBERS = 2**16
"""That a clip may be described by."""


@dataclass(frozen=True, eq=False)
class Network:
    """An engine with what goes before and after it."""

    engine: Engine
    plan: Plan

    def describe(self, samples: NDArray[np.float32], rate: float) -> NDArray[np.float32]:
        """Return the numbers [shape=(n,)] that stand for a clip [shape=(channels, n)].

        The mean over its windows, each listened to alone.
        """
        windows = self.plan.hearing.windows(samples, rate)
        said = np.stack([self._listen(window) for window in windows])
        numbers: NDArray[np.float32] = said.mean(axis=0)
        if not np.isfinite(numbers).all():
            raise ClassifierError(
                f"{WHO}: the network gives values that are not finite numbers for a clip; look at "
                "rate=, seconds= and standardised=, or choose other layers=."
            )
        return numbers

    def _listen(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        maps = self.engine.maps(np.ascontiguousarray(window.reshape(self.plan.shape)))
        return np.concatenate([row_of(each) for each in maps])


def row_of(layer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a layer says of one window: a row as it is, of several frames their mean."""
    values = layer.reshape(-1, layer.shape[-1])
    row: NDArray[np.float32] = values[0] if len(values) == 1 else values.mean(axis=0)
    return row


def network_of(asked: Asked, engine: str) -> Network:
    """Return the network of a file, the same for as long as the file stays as it is.

    Raises
    ------
    Unavailable
        The engine is not installed.
    ParameterError
        The file cannot be used as asked.
    ClassifierError
        The engine cannot run it, or what it gives cannot be used.
    """
    return _built(asked, engine, stamp(asked.model, WHO))


@lru_cache(maxsize=1)
def _built(asked: Asked, engine: str, _stamp: Stamp) -> Network:
    check_engine(engine, WHO)
    plan = examine(asked)
    infos = layer_infos(engine, plan.layers)
    model = read_model(asked.model, WHO).cut(plan.layers, infos)
    try:
        network = Network(start_engine(engine, model, plan.layers), plan)
        maps = network.engine.maps(np.zeros(plan.shape, np.float32))
    except SightbenchError:
        raise
    except Exception as error:  # engines have errors of their own, and any of them ends here
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ClassifierError(
            f"{WHO}: {engine} cannot run {asked.model} ({lines[0][:200]}); try the other engine=, "
            "or export the network anew."
        ) from error
    _check(asked.model, plan, maps)
    return network


def _check(model: str, plan: Plan, maps: list[Any]) -> None:
    """Look at what the layers say of silence, before any figure rests on them."""
    for each, name in zip(maps, plan.layers, strict=True):
        numbers = isinstance(each, np.ndarray) and each.dtype == np.float32
        if not numbers or not each.size or each.ndim not in (1, 2, 3):
            what = f"has the shape {each.shape}" if numbers else "holds no 32-bit numbers"
            raise ClassifierError(
                f"{WHO}: the layer {name!r} of {model} {what}: it is no row of numbers, nor one a "
                "frame; choose another with layers=."
            )
    count = sum(each.shape[-1] for each in maps)
    if count > MOST_NUMBERS:
        raise ClassifierError(
            f"{WHO}: the layers of {model} give {count:,} numbers a clip, more than "
            f"{MOST_NUMBERS:,}; choose fewer with layers=."
        )
