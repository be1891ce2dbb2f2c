"""Whether each convolution gets as many channels as it has weights for, as far as can be told.

OpenCV does not look: a network that was put together wrongly gives numbers all the same.
"""

from __future__ import annotations

from plugins.classifiers.transfer.maps import ALIKE, Layout
from plugins.classifiers.transfer.onnx_file import Node, OnnxFile
from plugins.classifiers.transfer.wire import Damaged

KEPT = (ALIKE | {"AveragePool", "BatchNormalization", "GlobalAveragePool", "MaxPool"}) - {
    "Concat",
    "Pad",
}
"""Steps that have as many channels behind as before."""


def check_widths(file: OnnxFile, layout: Layout) -> None:
    """Follow the channels through the network; `layout` is that of its input.

    Raises
    ------
    Damaged
        A convolution has weights for another number of channels than it gets.
    """
    widths = {name: 3 for name in file.sources if layout == "nchw"}
    for node in file.nodes:
        if node.kind == "Conv" and len(node.inputs) > 1 and node.inputs[1] in file.arrays:
            width = _behind_convolution(file, node, widths.get(node.inputs[0]))
        else:
            found = {widths.get(name) for name in node.inputs if name not in file.arrays}
            width = found.pop() if node.kind in KEPT and len(found) == 1 else None
        if width is not None:
            widths.update(dict.fromkeys(node.outputs[:1], width))


def _behind_convolution(file: OnnxFile, node: Node, given: int | None) -> int | None:
    shape = file.arrays[node.inputs[1]].shape
    if len(shape) != 4:
        return None
    needed = shape[1] * node.settings.get("group", (1,))[0]
    if given not in (None, needed):
        raise Damaged(f"a convolution gets {given} channels and has weights for {needed}")
    return shape[0]
