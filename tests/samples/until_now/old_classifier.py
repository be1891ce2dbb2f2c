"""Old classifier: a plugin for sightbench.

Try it:    sightbench run --plugin old_classifier.py -c old-classifier
Check it:  sightbench check old_classifier.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Pictures, Predictions, hookimpl, parameter


@dataclass(frozen=True, kw_only=True)
class OldClassifier(Classifier):
    """The class whose mean picture is nearest.

    This first line is what `sightbench list` shows. Say below it how the classifier works, with
    its source.
    """

    name: ClassVar[str] = "old-classifier"
    version: ClassVar[str] = "1"  # raise it whenever the predictions change

    side: int = parameter(16, "height and width of what it looks at", unit="pixels", low=1)

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Compute what is learnt from, of each picture [shape=(height, width, 3)] by itself.

        Called once for a set of pictures and shared by all folds, so it must learn nothing.
        """
        grey = pictures.pixels.mean(axis=3, dtype=np.float32) / 255
        rows = np.linspace(0, grey.shape[1], self.side, endpoint=False).astype(int)
        columns = np.linspace(0, grey.shape[2], self.side, endpoint=False).astype(int)
        coarse = np.add.reduceat(np.add.reduceat(grey, rows, axis=1), columns, axis=2)
        return coarse.reshape(len(grey), -1)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Learnt:
        """Learn from training clips; take every random number from `rng`."""
        classes = np.unique(labels)
        means = np.stack([features.values[labels == name].mean(axis=0) for name in classes])
        return Learnt(tuple(str(name) for name in classes), means)


@dataclass(frozen=True, eq=False)
class Learnt:
    """The mean features of each class."""

    classes: tuple[str, ...]
    means: NDArray[Any]

    def predict(self, features: Features) -> Predictions:
        """Say what each clip is, in the order given, with probabilities that sum to one."""
        differences = features.values[:, None] - self.means[None]
        distances = np.sqrt((differences.astype(np.float64) ** 2).sum(axis=2))
        nearness = np.exp(distances.min(axis=1, keepdims=True) - distances)
        scores = nearness / nearness.sum(axis=1, keepdims=True)
        return Predictions.from_scores(features.ids, self.classes, scores)


@hookimpl
def harness_classifiers() -> list[type[Classifier]]:
    """Tell sightbench what this module offers."""
    return [OldClassifier]
