"""EfficientNet-Lite0 without its last layers, made of its arrays.

M. Tan, Q. Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, ICML
2019, https://arxiv.org/abs/1905.11946; the Lite variant, without squeeze-and-excite and with
ReLU6: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.transfer.graph_writing import GraphWriter

Arrays = Mapping[str, NDArray[Any]]

EPSILON = 1e-3
"""Added to the variance in every batch norm of this family."""
STEPS = 32
"""Sides must be a multiple of it: five layers halve them."""
SMALLEST_SIDE = 64
"""Below it the last maps are of one pixel, which OpenCV 4.10 convolves wrongly."""
INPUT = "picture"


class Stage(NamedTuple):
    """Blocks of the same widths; only the first of them has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    width: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
STAGE_NAMES = tuple(f"stage{number}" for number in range(1, len(STAGES) + 1))


def write_efficientnet(arrays: Arrays, side: int, outputs: tuple[str, ...]) -> bytes:
    """Write the network as an ONNX model for one picture [shape=(1, 3, side, side)].

    Parameters
    ----------
    arrays
        By name, as `read_weights` gives them.
    side
        Of the picture (pixels).
    outputs
        Names of stages, "stage1" to "stage7", whose last layer is put out; what comes after the
        last of them is left out.
    """
    builder = _Builder(arrays)
    layer = builder.convolution("_conv_stem", "_bn0", INPUT, stride=2, active=True)
    block = 0
    last = max(STAGE_NAMES.index(name) for name in outputs)
    for name, stage in zip(STAGE_NAMES[: last + 1], STAGES, strict=False):
        for repeat in range(stage.repeats):
            stride = stage.stride if repeat == 0 else 1
            ends = repeat == stage.repeats - 1
            layer = builder.block(block, layer, stride, name if ends else "")
            block += 1
    shapes = {name: (1, *shape) for name, shape in zip(STAGE_NAMES, _shapes(side), strict=True)}
    source = (INPUT, (1, 3, side, side))
    return builder.writer.model(source, [(name, shapes[name]) for name in outputs])


def _shapes(side: int) -> Iterator[tuple[int, int, int]]:
    """Yield channels, rows and columns of each stage."""
    side //= 2
    for stage in STAGES:
        side //= stage.stride
        yield stage.width, side, side


@dataclass(frozen=True, slots=True)
class _Builder:
    """Adds layers made of the network's arrays."""

    arrays: Arrays
    writer: GraphWriter = field(default_factory=GraphWriter)

    def block(self, number: int, source: str, stride: int, name: str) -> str:
        """Add expansion, depthwise convolution, projection and, where it fits, the input again."""
        prefix = f"_blocks.{number}."
        expansion, depthwise, projection = (
            f"{prefix}_{each}_conv" for each in ("expand", "depthwise", "project")
        )
        layer = source
        if f"{expansion}.weight" in self.arrays:
            layer = self.convolution(expansion, f"{prefix}_bn0", layer, active=True)
        layer = self.convolution(depthwise, f"{prefix}_bn1", layer, stride=stride, active=True)
        shortcut = stride == 1 and self._width(projection) == self._width_before(number)
        inner = projection if shortcut else name or projection
        layer = self.convolution(projection, f"{prefix}_bn2", layer, name=inner)
        return self.writer.add(name or f"{prefix}sum", layer, source) if shortcut else layer

    def convolution(
        self,
        array: str,
        norm: str,
        source: str,
        *,
        stride: int = 1,
        active: bool = False,
        name: str = "",
    ) -> str:
        """Add a convolution with its batch norm and, where it is active, ReLU6."""
        kernel, bias = folded(self.arrays, array, norm)
        pads = same_padding(kernel.shape[-1], stride)
        name = name or array
        layer = self.writer.convolve(name, source, kernel, bias, stride=stride, pads=pads)
        return self.writer.clip_at_six(f"{name}.relu6", layer) if active else layer

    def _width(self, convolution: str) -> int:
        return int(self.arrays[f"{convolution}.weight"].shape[0])

    def _width_before(self, number: int) -> int:
        return self._width(f"_blocks.{number - 1}._project_conv" if number else "_conv_stem")


def folded(
    arrays: Arrays, convolution: str, norm: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return kernel and bias of a convolution that does the batch norm behind it as well."""
    scale, shift, mean, variance = (
        arrays[f"{norm}.{each}"].astype(np.float64)
        for each in ("weight", "bias", "running_mean", "running_var")
    )
    factor = scale / np.sqrt(variance + EPSILON)
    kernel = arrays[f"{convolution}.weight"] * factor[:, None, None, None]
    return kernel, shift - mean * factor


def same_padding(kernel: int, stride: int) -> tuple[int, int]:
    """Return the pixels that TensorFlow's "same" puts before and after an even side."""
    total = kernel - stride
    return total // 2, total - total // 2
