"""A control that looks at no picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Knowledge, Pictures
from plugins.classifiers.learnt import Constant, Learnt, learnt_again


class Majority(Classifier):
    """Control: always the class that is most frequent in training.

    The probabilities are the shares of the classes in training. Of equally frequent classes it
    names the one that sorts first.
    """

    name = "majority"
    control = True

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Keep nothing of the pictures [shape=(clips, 0)]."""
        return np.empty((len(pictures), 0), np.uint8)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Count the classes."""
        classes, counts = np.unique(labels, return_counts=True)
        names = tuple(str(name) for name in classes)
        return Learnt(names, Constant(counts / counts.sum()))

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make what was learnt again."""
        return learnt_again(knowledge)


plugins = [Majority]
