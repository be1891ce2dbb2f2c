"""MiniRocket on the signal itself: the yardstick that needs no picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import (
    ClassifierError,
    Features,
    Fitted,
    Knowledge,
    SignalClassifier,
    Signals,
    parameter,
)
from plugins.classifiers.balance import CLASS_WEIGHTS, clip_weights
from plugins.classifiers.learnt import (
    Chained,
    Probabilities,
    in_blocks,
    learn_in_id_order,
    learnt_again,
    seed_of,
)
from plugins.classifiers.ridge import Ridge, learn_ridge
from plugins.classifiers.writing import Row32

SHORTEST = 9
"""Points that MiniRocket's kernels span."""
LARGEST = 2**28
"""Numbers that a transform may compute of a clip: what is written down may say anything."""


class MiniRocket(SignalClassifier):
    """MiniRocket (aeon: fixed kernels, shares of positive values) and ridge, on the signal.

    Dempster, Schmidt and Webb 2021, "MiniRocket: A Very Fast (Almost) Deterministic Transform
    for Time Series Classification", KDD. It looks at no picture. The biases of its kernels are
    quantiles of training clips, so the transform is learnt in `fit`; `features` are the signals.
    Training takes about 120 kB of memory a clip with 10,000 kernels.

    Clips must have one length unless ``points`` says how long to make them: longer ones are cut,
    shorter ones go on with their own mean.

    Raises
    ------
    ClassifierError
        Clips have fewer than 9 points.
    """

    name = "minirocket"
    most_clips = 20_000
    requires = ("aeon",)
    extra = "time-series"

    kernels: int = parameter(10_000, "numbers computed of a clip", low=84, high=1_000_000)
    points: int | None = parameter(
        None, "cut or lengthen every clip to so many points; none: as they are", low=SHORTEST
    )
    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def features(self, signals: Signals) -> NDArray[np.float32]:
        """Return the signals, of the length asked for [shape=(clips, channels, n)], float32."""
        length = signals.samples.shape[2]
        if self.points is not None:
            return of_length(signals.samples, self.points)
        if length < SHORTEST:
            raise ClassifierError(
                f"{self.name}: a clip of {length} points is shorter than its kernels; give "
                f"{self.name}[points={SHORTEST}] or more to lengthen it, or leave it out."
            )
        return signals.samples

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Learn the biases and the ridge regression."""
        seed = seed_of(rng)

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            transform = learn_transform(values, self.kernels, seed)
            weights = clip_weights(numbers, self.class_weights)
            known = learn_ridge(transform(values), numbers, weights)
            return Chained(transform, known)

        return learn_in_id_order(features, labels, learn)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make what was learnt again."""
        return learnt_again(knowledge, Kernels, Ridge)


def of_length(samples: NDArray[np.float32], points: int) -> NDArray[np.float32]:
    """Cut clips [shape=(clips, channels, n)] at the end, or go on with each channel's mean."""
    lacking = points - samples.shape[2]
    if lacking <= 0:
        return samples[..., :points]
    mean = samples.mean(axis=2, keepdims=True)
    return np.concatenate([samples, np.repeat(mean, lacking, axis=2)], axis=2)


def learn_transform(values: NDArray[np.float32], kernels: int, seed: int) -> Kernels:
    """Learn MiniRocket's biases from signals [shape=(clips, channels, n)]."""
    biases = np.array(fitted_rocket(values, kernels, seed).parameters[-1], np.float32)
    return Kernels(kernels, seed, values.shape[1], values.shape[2], biases)


def fitted_rocket(values: NDArray[np.float32], kernels: int, seed: int) -> Any:
    """Fit aeon's transformer; all of it but the biases hangs on shape and seed alone."""
    from aeon.transformations.collection.convolution_based import MiniRocket as Transformer

    rocket = Transformer(n_kernels=kernels, n_jobs=1, random_state=seed)
    with _global_draws_kept():
        return rocket.fit(values)


@dataclass(frozen=True, eq=False)
class Kernels:
    """Turns signals into the share of each kernel's values above its bias.

    Parameters
    ----------
    kernels, seed
        What the transformer was made with.
    channels, points
        The shape of a clip.
    biases : array [shape=(m,)]
        m is the multiple of 84 at or below the number of kernels.
    """

    kernels: int
    seed: int
    channels: int
    points: int
    biases: Row32

    def __post_init__(self) -> None:
        sizes = (self.kernels, self.channels, self.points - SHORTEST + 1)
        if min(sizes) < 1 or self.channels * self.points * 9 > LARGEST or self.kernels > LARGEST:
            raise ClassifierError("The kernels of minirocket are of sizes that cannot be.")

    @cached_property
    def _rocket(self) -> Any:
        """The transformer: its places are worked out anew, so none can lie outside a clip.

        Raises
        ------
        ClassifierError
            There are more or fewer biases than places for them.
        """
        still = np.zeros((1, self.channels, self.points), np.float32)
        rocket = fitted_rocket(still, self.kernels, self.seed)
        if rocket.parameters[-1].shape != self.biases.shape:
            raise ClassifierError("minirocket has more or fewer biases than kernels.")
        rocket.parameters = (*rocket.parameters[:-1], np.ascontiguousarray(self.biases))
        return rocket

    def __call__(self, signals: NDArray[np.float32]) -> NDArray[np.float32]:
        """Transform signals [shape=(clips, channels, n)]; the result is [shape=(clips, m)].

        Raises
        ------
        ClassifierError
            They are of another shape than those learnt from.
        """
        if signals.shape[1:] != (self.channels, self.points):
            raise ClassifierError(
                f"minirocket learnt from clips of {self.channels} x {self.points} points and is "
                f"asked about clips of {signals.shape[1]} x {signals.shape[2]}."
            )
        return in_blocks(self._rocket.transform, signals, len(self.biases))


@contextmanager
def _global_draws_kept() -> Iterator[None]:
    """Put numpy's global generator back, which aeon seeds."""
    state = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(state)


plugins = [MiniRocket]
