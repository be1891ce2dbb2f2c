"""A small network written down as an ONNX model, which both engines read.

Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.classifiers.transfer.wire import bytes_field, number_field

IR_VERSION, OPSET = 7, 13
FLOAT = 1
INTEGER_KIND, INTEGERS_KIND = 2, 7
"""Kinds of attribute."""

Shape = Sequence[int | str]
"""A side that is left open has a name instead of a size."""
Layer = tuple[str, Shape]
"""A name and a shape."""


@dataclass(slots=True)
class GraphWriter:
    """Collects layers in order; each method returns the name of the layer's output."""

    nodes: list[bytes] = field(default_factory=list)
    arrays: list[bytes] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)

    def constant(self, name: str, array: NDArray[Any]) -> str:
        """Add an array of 32-bit numbers."""
        dims = b"".join(number_field(1, size) for size in array.shape)
        raw = bytes_field(9, np.ascontiguousarray(array, "<f4").tobytes())
        self.arrays.append(dims + number_field(2, FLOAT) + bytes_field(8, name) + raw)
        return name

    def convolve(
        self,
        name: str,
        source: str,
        kernel: NDArray[Any],
        bias: NDArray[Any],
        *,
        stride: int,
        pads: tuple[int, int],
    ) -> str:
        """Add a convolution [kernel shape=(out, in / groups, side, side)].

        `pads` are pixels before and after, the same for rows and columns. A kernel with one input
        channel, where there are more, is depthwise.
        """
        groups = kernel.shape[0] if kernel.shape[1] == 1 else 1
        inputs = [source, self.constant(f"{name}.w", kernel), self.constant(f"{name}.b", bias)]
        before, after = pads
        settings = {
            "kernel_shape": list(kernel.shape[2:]),
            "strides": [stride, stride],
            "pads": [before, before, after, after],
        }
        return self.step("Conv", name, inputs, settings, groups)

    def clip_at_six(self, name: str, source: str) -> str:
        """Add ReLU6, values cut to 0 to 6."""
        if not self.limits:
            limits = {"relu6.low": np.array(0.0), "relu6.high": np.array(6.0)}
            self.limits = [self.constant(each, value) for each, value in limits.items()]
        return self.step("Clip", name, [source, *self.limits])

    def add(self, name: str, first: str, second: str) -> str:
        """Add the sum of two layers."""
        return self.step("Add", name, [first, second])

    def step(
        self,
        kind: str,
        name: str,
        inputs: Sequence[str],
        lists: dict[str, list[int]] | None = None,
        groups: int = 1,
    ) -> str:
        """Add a step of any kind, with its attributes that are lists of integers."""
        parts = [bytes_field(1, each) for each in inputs]
        parts += [bytes_field(2, name), bytes_field(3, name), bytes_field(4, kind)]
        for key, values in (lists or {}).items():
            ints = b"".join(number_field(8, value) for value in values)
            parts.append(
                bytes_field(5, bytes_field(1, key) + ints + number_field(20, INTEGERS_KIND))
            )
        if groups > 1:
            group = bytes_field(1, "group") + number_field(3, groups)
            parts.append(bytes_field(5, group + number_field(20, INTEGER_KIND)))
        self.nodes.append(b"".join(parts))
        return name

    def model(self, source: Layer, outputs: Sequence[Layer]) -> bytes:
        """Return the whole as a file's bytes, from the input to the outputs."""
        graph = [bytes_field(1, node) for node in self.nodes]
        graph += [bytes_field(2, "network"), *(bytes_field(5, array) for array in self.arrays)]
        graph.append(bytes_field(11, value_info(*source)))
        graph += [bytes_field(12, value_info(*output)) for output in outputs]
        opset = bytes_field(1, "") + number_field(2, OPSET)
        head = number_field(1, IR_VERSION) + bytes_field(8, opset)
        return head + bytes_field(7, b"".join(graph))


def value_info(name: str, shape: Shape | None) -> bytes:
    """Describe an array of 32-bit numbers; without a shape it may have any.

    OpenCV 5 insists that a shape is there, and takes an empty one for any; onnxruntime takes an
    empty one at its word.
    """
    sides = [
        bytes_field(2, side) if isinstance(side, str) else number_field(1, side)
        for side in shape or ()
    ]
    dims = b"".join(bytes_field(1, side) for side in sides)
    tensor = number_field(1, FLOAT) + (b"" if shape is None else bytes_field(2, dims))
    return bytes_field(1, name) + bytes_field(2, bytes_field(1, tensor))
