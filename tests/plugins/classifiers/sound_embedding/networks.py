"""A small network for sounds, written for a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from plugins.classifiers.transfer.graph_writing import GraphWriter

RATE, SAMPLES, NUMBERS = 1000.0, 64, 6
WEIGHTS = np.random.default_rng(7).normal(0, 0.1, (SAMPLES, NUMBERS)).astype(np.float32)


def write_network(
    file: Path,
    shape: tuple[int | str, ...] = (1, SAMPLES),
    outputs: tuple[str, ...] = ("positive",),
) -> str:
    """Write a network whose layer "dense" is sound times `WEIGHTS`, and "positive" what is not
    below zero of that; return the file's name.
    """
    writer = GraphWriter()
    weights = writer.constant("weights", WEIGHTS)
    dense = writer.step("MatMul", "dense", ["sound", weights])
    writer.step("Relu", "positive", [dense])
    rows = tuple(shape[:-1])
    data = writer.model(("sound", shape), [(name, (*rows, NUMBERS)) for name in outputs])
    file.write_bytes(data)
    return str(file)
