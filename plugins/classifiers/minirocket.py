"""MiniRocket on the signal itself: the yardstick that needs no picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError, Features, Fitted, SignalClassifier, Signals, parameter
from plugins.classifiers.learnt import Probabilities, in_blocks, learn_in_id_order, seed_of
from plugins.classifiers.ridge import learn_ridge

SHORTEST = 9
"""Points that MiniRocket's kernels span."""
Transform = Callable[[NDArray[np.float32]], NDArray[np.float32]]


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
    requires = ("aeon",)
    extra = "time-series"

    kernels: int = parameter(10_000, "numbers computed of a clip", low=84, high=1_000_000)
    points: int | None = parameter(
        None, "cut or lengthen every clip to so many points; none: as they are", low=SHORTEST
    )

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
            known = learn_ridge(transform(values), numbers)
            return lambda asked: known(transform(asked))

        return learn_in_id_order(features, labels, learn)


def of_length(samples: NDArray[np.float32], points: int) -> NDArray[np.float32]:
    """Cut clips [shape=(clips, channels, n)] at the end, or go on with each channel's mean."""
    lacking = points - samples.shape[2]
    if lacking <= 0:
        return samples[..., :points]
    mean = samples.mean(axis=2, keepdims=True)
    return np.concatenate([samples, np.repeat(mean, lacking, axis=2)], axis=2)


def learn_transform(values: NDArray[np.float32], kernels: int, seed: int) -> Transform:
    """Learn MiniRocket's biases from signals [shape=(clips, channels, n)].

    Returns
    -------
    callable
        Turns signals into the share of each kernel's values above its bias [shape=(clips, m)],
        where m is the multiple of 84 at or below the number of kernels.
    """
    from aeon.transformations.collection.convolution_based import MiniRocket as Transformer

    rocket = Transformer(n_kernels=kernels, n_jobs=1, random_state=seed)
    with _global_draws_kept():
        rocket.fit(values)
    columns = rocket.parameters[-1].shape[0]
    return lambda asked: in_blocks(rocket.transform, asked, columns)


@contextmanager
def _global_draws_kept() -> Iterator[None]:
    """Put numpy's global generator back, which aeon seeds."""
    state = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(state)


plugins = [MiniRocket]
