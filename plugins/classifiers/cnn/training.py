"""Training: a one-cycle schedule, averaged weights, an early stop on clips held back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from harness import ClassifierError
from plugins.classifiers.cnn.augmentation import Augmentation
from plugins.classifiers.cnn.network import (
    STATISTICS,
    Tensors,
    Weights,
    decisions,
    inputs_of_last,
    new_weights,
    one_thread,
    tensors_of,
    weights_of,
)
from plugins.classifiers.cnn.pictures import Scale

BATCH = 64
SMALLEST_BATCH = 8
BATCHES = 10
"""Fewer pictures than ten batches of 64 are shown in smaller batches."""
LEAST_STEPS = 200
"""Few clips are shown more often, until so many batches have been seen."""
WEIGHT_DECAY = 0.01
AVERAGED = 0.99
"""What the averaged weights keep of themselves at each step; less during the first ones."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train.

    Parameters
    ----------
    epochs
        How often every picture is shown, unless a stop comes earlier.
    rate
        The largest learning rate (Smith and Topin 2019, "Super-convergence").
    dropout
        Share of the last layer's inputs that is left out at random.
    patience
        Epochs without a better loss on the clips held back before training stops.
    balanced
        Let every class count the same, however many clips it has.
    """

    epochs: int
    rate: float
    dropout: float
    patience: int
    balanced: bool
    augmentation: Augmentation


@dataclass(frozen=True, eq=False)
class Lesson:
    """Pictures to learn from, and the class of each as shares.

    Parameters
    ----------
    pixels : array [shape=(clips, height, width, 3)], uint8
    shares : array [shape=(clips, classes)], float32
        1 for the class of the clip, else 0.
    """

    pixels: NDArray[np.uint8]
    shares: NDArray[np.float32]

    def take(self, rows: NDArray[np.bool_]) -> Lesson:
        """Return some of them; all of them are not copied."""
        return self if rows.all() else Lesson(self.pixels[rows], self.shares[rows])

    def __len__(self) -> int:
        return len(self.pixels)


class Training:
    """One training: weights, their running average, the optimiser and its schedule."""

    def __init__(
        self, lesson: Lesson, scale: Scale, recipe: Recipe, rng: np.random.Generator
    ) -> None:
        self.lesson, self.scale, self.recipe, self.rng = lesson, scale, recipe, rng
        size = min(BATCH, max(SMALLEST_BATCH, len(lesson) // BATCHES))
        self.batches = -(-len(lesson) // size)
        self.epochs = max(recipe.epochs, -(-LEAST_STEPS // self.batches))
        height, classes = lesson.pixels.shape[1], lesson.shares.shape[1]
        self.inputs = inputs_of_last(height)
        self.tensors = tensors_of(new_weights(height, classes, rng))
        self.average = {name: each.clone() for name, each in self.tensors.items()}
        self.class_weights = _class_weights(lesson.shares) if recipe.balanced else None
        learnt = [t for name, t in self.tensors.items() if not name.endswith(STATISTICS)]
        self.optimiser = torch.optim.AdamW(
            [each.requires_grad_() for each in learnt], weight_decay=WEIGHT_DECAY
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, max_lr=recipe.rate, total_steps=self.epochs * self.batches
        )
        self.steps = 0

    def epoch(self) -> None:
        """Show every picture once, in a new order.

        Raises
        ------
        ClassifierError
            The loss is no finite number any more.
        """
        order = self.rng.permutation(len(self.lesson))
        lost = [self._step(rows) for rows in np.array_split(order, self.batches)]
        if not np.isfinite(lost).all():
            raise ClassifierError(
                f"cnn: the loss of training grew beyond all numbers at rate={self.recipe.rate:g}; "
                "choose a smaller rate."
            )

    def _step(self, rows: NDArray[np.intp]) -> float:
        pixels, shares = self.lesson.pixels[rows], self.lesson.shares[rows]
        pictures, targets = self.recipe.augmentation.apply(pixels, shares, self.scale, self.rng)
        said = decisions(self.tensors, pictures, self._dropout(len(rows)))
        loss = functional.cross_entropy(said, torch.from_numpy(targets), self.class_weights)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.schedule.step()
        self.steps += 1
        follow(self.average, self.tensors, min(AVERAGED, self.steps / (self.steps + 9)))
        return float(loss.detach())

    def _dropout(self, clips: int) -> Tensor:
        kept = self.rng.random((clips, self.inputs), np.float32) >= self.recipe.dropout
        return torch.from_numpy(kept / np.float32(1 - self.recipe.dropout))

    def loss(self, lesson: Lesson) -> float:
        """Return the log loss of the averaged weights on clips held back."""
        lost = 0.0
        with torch.inference_mode():
            for start in range(0, len(lesson), BATCH):
                block = slice(start, start + BATCH)
                said = decisions(self.average, self.scale.standardise(lesson.pixels[block]))
                shares = torch.from_numpy(lesson.shares[block])
                lost += float(
                    functional.cross_entropy(said, shares, self.class_weights, reduction="sum")
                )
        return lost / len(lesson)


def train(
    lesson: Lesson, held: NDArray[np.bool_], scale: Scale, recipe: Recipe, rng: np.random.Generator
) -> Weights:
    """Learn weights from pictures; where some are held back, keep those that suit them best.

    Parameters
    ----------
    held : array [shape=(clips,)], bool
        Clips that are not learnt from; where there are none, the schedule runs to its end.
    """
    with one_thread():
        training = Training(lesson.take(~held), scale, recipe, rng)
        if not held.any():
            for _ in range(training.epochs):
                training.epoch()
            return weights_of(training.average)
        return _until_no_better(training, lesson.take(held))


def _until_no_better(training: Training, watched: Lesson) -> Weights:
    """Train until some epochs have brought nothing; return the weights before those.

    Only the second half is watched: while the rate is high, the loss on clips held back goes up
    and down with it, and a stop there cost nine points of accuracy on one split of the whales.
    """
    best, least, waited = weights_of(training.average), np.inf, 0
    for epoch in range(training.epochs):
        training.epoch()
        if epoch < training.epochs // 2:
            continue
        loss = training.loss(watched)
        waited += 1
        if loss < least:
            best, least, waited = weights_of(training.average), loss, 0
        if waited > training.recipe.patience:
            break
    return best


def follow(average: Tensors, tensors: Tensors, kept: float) -> None:
    """Move averaged weights a step towards the present ones, in place."""
    with torch.no_grad():
        for name, each in average.items():
            each.lerp_(tensors[name], 1 - kept)


def _class_weights(shares: NDArray[np.float32]) -> Tensor:
    """Weigh classes so that all together count as much as before, and each the same."""
    counts = np.maximum(shares.sum(axis=0), 1)
    return torch.from_numpy((len(shares) / (len(counts) * counts)).astype(np.float32))
