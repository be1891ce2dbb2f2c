"""Files of weights and small networks, made here byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from harness import Pictures
from plugins.classifiers.transfer.graph_writing import GraphWriter
from plugins.classifiers.transfer.plugin import Transfer
from plugins.classifiers.transfer.weights import find_weights, read_weights

SIDE = 16


@pytest.fixture(scope="session")
def weights() -> dict[str, NDArray[Any]]:
    """Give the arrays that ship; skip where they are not installed."""
    missing = Transfer.unavailable()
    if missing:
        pytest.skip(missing)
    return read_weights(find_weights())


@pytest.fixture(scope="session")
def noise() -> Pictures:
    """Give 33 pictures of coloured noise, 40 x 48 pixels."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (33, 40, 48, 3), dtype=np.uint8)
    return Pictures(pixels, tuple(f"{number:02d}" for number in range(len(pixels))))


def passing_network(
    shape: tuple[int, ...] = (1, 3, SIDE, SIDE),
    outputs: tuple[str, ...] = ("same",),
    *,
    turned: bool = False,
) -> bytes:
    """Write a network whose layer "same" is its input, and "half" every other pixel of that.

    `turned` puts the channels of the input last.
    """
    writer, source = GraphWriter(), "picture"
    if turned:
        source = writer.step("Transpose", "first", [source], {"perm": [0, 3, 1, 2]})
    kernel, bias = np.eye(3)[:, :, None, None], np.zeros(3)
    same = writer.convolve("same", source, kernel, bias, stride=1, pads=(0, 0))
    writer.convolve("half", same, 2 * kernel, bias, stride=2, pads=(0, 0))
    if turned:
        writer.step("Transpose", "last", [same], {"perm": [0, 2, 3, 1]})
    return writer.model(("picture", shape), [(name, (1, 3, SIDE, SIDE)) for name in outputs])


@pytest.fixture
def network_file(tmp_path: Path) -> Callable[..., str]:
    """Write the passing network into a file; return its name."""

    def write(*args: Any, **kwargs: Any) -> str:
        file = tmp_path / "network.onnx"
        file.write_bytes(passing_network(*args, **kwargs))
        return str(file)

    return write
