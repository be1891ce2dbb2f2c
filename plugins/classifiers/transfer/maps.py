"""Which axes of a layer are channels, rows and columns, as far as the steps before it tell."""

from __future__ import annotations

from typing import Literal

from plugins.classifiers.transfer.onnx_file import OnnxFile

Layout = Literal["nchw", "nhwc"]
LAYOUTS: tuple[Layout, ...] = ("nchw", "nhwc")

CHANNELS_FIRST = frozenset((
    "AveragePool", "BatchNormalization", "Conv", "ConvTranspose", "DepthToSpace",
    "GlobalAveragePool", "GlobalMaxPool", "InstanceNormalization", "LRN", "LpPool", "MaxPool",
    "SpaceToDepth",
))  # fmt: skip
"""Steps that ONNX defines for channels before rows and columns only."""
ALIKE = frozenset((
    "Add", "Cast", "Celu", "Clip", "Concat", "DequantizeLinear", "Div", "Dropout", "Elu", "Erf",
    "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Max", "Min", "Mish", "Mul",
    "PRelu", "Pad", "Pow", "QuantizeLinear", "Relu", "Selu", "Sigmoid", "Softplus", "Sqrt", "Sub",
    "Sum", "Tanh",
))  # fmt: skip
"""Steps that leave the axes as they are."""
TURNS: dict[tuple[int, ...], tuple[Layout, Layout]] = {
    (0, 2, 3, 1): ("nchw", "nhwc"),
    (0, 3, 1, 2): ("nhwc", "nchw"),
}


def map_layout(file: OnnxFile, layer: str, source: Layout | None) -> Layout | None:
    """Follow a layer back to a step whose axes are known; None where none is met.

    `source` is the layout of the network's input, None where that is not known.
    """
    makers = {name: node for node in file.nodes for name in node.outputs}
    turns: list[tuple[int, ...]] = []
    for _ in range(len(file.nodes) + 1):
        node = makers.get(layer)
        if layer in file.sources:
            return _turned(source, turns)
        if node is not None and node.kind in CHANNELS_FIRST:
            return _turned("nchw", turns)
        if node is None or (node.kind != "Transpose" and node.kind not in ALIKE):
            return None
        turns += [node.settings.get("perm", ())] if node.kind == "Transpose" else []
        layer = next((name for name in node.inputs if name not in file.arrays), "")
    return None


def _turned(layout: Layout | None, turns: list[tuple[int, ...]]) -> Layout | None:
    """Apply the transpositions that were passed on the way back."""
    for permutation in reversed(turns):
        before, after = TURNS.get(permutation, (None, None))
        layout = after if before == layout else None
    return layout
