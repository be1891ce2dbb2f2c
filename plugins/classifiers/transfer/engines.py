"""What runs a network: OpenCV, which is always there, or onnxruntime where it is installed.

One thread, one picture at a time: a batch is no faster, and the numbers stay the same whatever
else is asked.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from harness import Unavailable
from plugins.classifiers.transfer.graph_writing import value_info
from plugins.classifiers.transfer.layers import Map

ENGINES = ("opencv", "onnxruntime")
QUIET = 4
"""Of onnxruntime's levels: only what is fatal is written to the terminal."""


class Engine(Protocol):
    """A network that is ready to run."""

    def maps(self, blob: NDArray[np.float32]) -> list[Map]:
        """Return the layers that it was made for, in that order, for one prepared picture."""


class OpenCV:
    """A network in OpenCV's module dnn."""

    def __init__(self, model: bytes, names: Sequence[str]) -> None:
        import cv2

        self.names = list(names)
        self.net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))

    def maps(self, blob: NDArray[np.float32]) -> list[Map]:
        self.net.setInput(blob)
        maps: Any = self.net.forward(self.names)
        return list(maps)


class OnnxRuntime:
    """A network in onnxruntime, on the processor."""

    def __init__(self, model: bytes, names: Sequence[str]) -> None:
        runtime: Any = importlib.import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = QUIET
        self.names = list(names)
        self.session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.source = self.session.get_inputs()[0].name

    def maps(self, blob: NDArray[np.float32]) -> list[Map]:
        return list(self.session.run(self.names, {self.source: blob}))


def check_engine(name: str, who: str = "transfer") -> None:
    """Say so where an engine is not installed; `who` is the classifier that asks.

    Raises
    ------
    Unavailable
        It is not.
    """
    if name == "onnxruntime" and importlib.util.find_spec(name) is None:
        raise Unavailable(
            f"{who}: engine=onnxruntime needs onnxruntime, not installed: pip install onnxruntime"
        )


def start_engine(name: str, model: bytes, names: Sequence[str]) -> Engine:
    """Make a network of an ONNX model whose outputs are the layers of these names."""
    return (OpenCV if name == "opencv" else OnnxRuntime)(model, names)


def layer_infos(name: str, layers: Sequence[str]) -> list[bytes]:
    """Describe layers of unknown shape to an engine, as outputs of a model."""
    return [value_info(layer, () if name == "opencv" else None) for layer in layers]
