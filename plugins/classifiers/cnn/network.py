"""The network: four blocks of convolution, then the mean and maximum over time.

Its weights are arrays by name; torch's tensors are made from them when they are needed, so
that what has learnt can be kept without torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

Weights = Mapping[str, NDArray[np.float32]]
Tensors = dict[str, Tensor]

CHANNELS = (16, 32, 64, 128)
"""Of each block; a block halves the height and the width."""
COLOURS = 3
STATISTICS = ("mean", "variance")
"""Of batch normalisation: followed, not learnt."""


def new_weights(height: int, classes: int, rng: np.random.Generator) -> Weights:
    """Draw weights for pictures of a height and so many classes.

    Kernels are normal with a variance of 2 over the numbers that they add up (He et al. 2015,
    "Delving Deep into Rectifiers", ICCV); the last layer is uniform within 1 over its root.
    """
    weights: dict[str, NDArray[np.float32]] = {}
    before = COLOURS
    for block, channels in enumerate(CHANNELS):
        kernels = rng.standard_normal((channels, before, 3, 3), np.float32)
        weights[f"{block}.kernels"] = kernels * np.float32(np.sqrt(2 / (9 * before)))
        for name, value in (("mean", 0), ("variance", 1), ("gain", 1), ("offset", 0)):
            weights[f"{block}.{name}"] = np.full(channels, value, np.float32)
        before = channels
    inputs = inputs_of_last(height)
    bound = 1 / np.sqrt(inputs)
    weights["last.matrix"] = rng.uniform(-bound, bound, (classes, inputs)).astype(np.float32)
    weights["last.offset"] = np.zeros(classes, np.float32)
    return weights


def inputs_of_last(height: int) -> int:
    """Count what the last layer sees: two numbers for each channel and row that is left."""
    return 2 * CHANNELS[-1] * (height >> len(CHANNELS))


def tensors_of(weights: Weights) -> Tensors:
    """Copy weights into tensors, kernels in the order of memory that is fast here."""
    tensors = {name: torch.tensor(array) for name, array in weights.items()}
    return {
        name: each.contiguous(memory_format=torch.channels_last) if each.ndim == 4 else each
        for name, each in tensors.items()
    }


def weights_of(tensors: Mapping[str, Tensor]) -> Weights:
    """Copy tensors into arrays."""
    return {name: np.array(each.detach().contiguous().numpy()) for name, each in tensors.items()}


def decisions(
    tensors: Mapping[str, Tensor], pictures: NDArray[np.float32], kept: Tensor | None = None
) -> Tensor:
    """Compute decision values [shape=(clips, classes)].

    Parameters
    ----------
    tensors
        Weights; in training the statistics of batch normalisation are brought up to date.
    pictures : array [shape=(clips, height, width, 3)]
        Standardised.
    kept : tensor [shape=(clips, inputs of the last layer)]
        In training: what dropout leaves, 0 or more than 1 each.
    """
    training = kept is not None
    values = torch.from_numpy(pictures).permute(0, 3, 1, 2)
    for block in range(len(CHANNELS)):
        own = {name: tensors[f"{block}.{name}"] for name in (*STATISTICS, "gain", "offset")}
        values = functional.conv2d(values, tensors[f"{block}.kernels"], padding=1)
        values = functional.batch_norm(
            values, own["mean"], own["variance"], own["gain"], own["offset"], training
        )
        # The maximum of what is cut at 0 is the maximum, cut at 0, of a quarter of the work.
        values = functional.relu(functional.max_pool2d(values, 2))
    rows = torch.cat([values.mean(3), values.amax(3)], 1).flatten(1)
    if kept is not None:
        rows = rows * kept
    return functional.linear(rows, tensors["last.matrix"], tensors["last.offset"])


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch to one thread and to what gives the same twice; put both back at the end."""
    threads = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    only_warns = torch.is_deterministic_algorithms_warn_only_enabled()
    try:
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True, warn_only=True)
        yield
    finally:
        torch.use_deterministic_algorithms(strict, warn_only=only_warns)
        torch.set_num_threads(threads)
