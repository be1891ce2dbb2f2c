"""Which layers a picture is described by, and how their maps become numbers.

A layer is written ``name`` or ``name@mean+maximum+rows``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness import ParameterError
from plugins.classifiers.transfer.maps import Layout

Map = NDArray[np.float32]

POOLS: dict[str, Callable[[Map], Map]] = {
    "mean": lambda layer: layer.mean(axis=(1, 2)),
    "maximum": lambda layer: layer.max(axis=(1, 2)),
    "rows": lambda layer: np.hstack([_flat(layer.mean(axis=2)), _flat(layer.max(axis=2))]),
}
"""From maps [shape=(n, rows, columns, channels)] to numbers; "rows" keeps the frequency axis."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer and how it is pooled.

    Parameters
    ----------
    name
        As it is called in the network.
    pools
        Keys of `POOLS`.
    """

    name: str
    pools: tuple[str, ...] = ("mean", "maximum")

    def __str__(self) -> str:
        return f"{self.name}@{'+'.join(self.pools)}"


RECIPE = (
    Layer("stage3", ("mean",)),
    Layer("stage4"),
    Layer("stage5", ("mean", "maximum", "rows")),
    Layer("stage6", ("mean",)),
    Layer("stage7", ("mean",)),
)
"""Of the network that comes with the extra: 2,728 numbers at 128 pixels."""


def parse_layers(written: str) -> tuple[Layer, ...]:
    """Read names of layers, separated by spaces.

    Raises
    ------
    ParameterError
        A layer stands twice, or there is none.
    """
    layers = tuple(_layer(each) for each in written.split())
    names = [each.name for each in layers]
    twice = [name for name in names if names.count(name) > 1]
    if twice or not names:
        why = f"names {twice[0]} twice" if twice else "names none"
        raise ParameterError(f"transfer: layers={written!r} {why}; write each once, with spaces.")
    return layers


def _layer(written: str) -> Layer:
    name, at, pools = written.rpartition("@")
    words = tuple(pools.split("+"))
    # Names in ONNX files may hold an @ of their own.
    if not at or not name or not set(words) <= set(POOLS):
        return Layer(written)
    return Layer(name, tuple(dict.fromkeys(words)))


def pooled(maps: Iterable[Map], layers: Sequence[Layer], layouts: Sequence[Layout]) -> Map:
    """Turn the maps of pictures into rows of numbers, the same whatever pictures are beside.

    Parameters
    ----------
    maps
        One a layer: [shape=(n, channels, rows, columns)], or (n, rows, columns, channels) where
        the layout says so; [shape=(n, tokens, channels)], which has no rows; or
        [shape=(n, channels)], which is taken as it is.
    layers, layouts
        Of each map.
    """
    parts = [
        part
        for map, layer, layout in zip(maps, layers, layouts, strict=True)
        for part in _parts(map, layer, layout)
    ]
    return np.hstack(parts)


def _parts(map: Map, layer: Layer, layout: Layout) -> list[Map]:
    if map.ndim == 2:
        return [map]
    if map.ndim == 3:
        map = map[:, None]
    elif layout == "nchw":
        map = map.transpose(0, 2, 3, 1)
    # With channels last in memory, many are summed at once; and always in the same order.
    map = np.ascontiguousarray(map)
    return [POOLS[name](map) for name in layer.pools]


def _flat(values: Map) -> Map:
    return values.reshape(len(values), -1)
