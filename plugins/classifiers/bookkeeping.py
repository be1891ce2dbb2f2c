"""A control that sees only what is not the signal."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Pictures
from plugins.classifiers.learnt import Probabilities, learn_in_id_order, seed_of

LEAST_CLIPS = 3
"""A rule of the tree speaks of at least so many training clips."""
RULES_A_CLASS = 4
"""Rules that the tree may have for each class: one a range of lengths, rates, ..."""


class Bookkeeping(Classifier):
    """Control: a small decision tree on length, sample rate, channels, level and file kind.

    Better than the majority class means that classes differ in how they were recorded or cut;
    classifiers of pictures may be right for the same reason.
    """

    name = "bookkeeping"
    control = True
    sees: ClassVar[Literal["pictures", "bookkeeping"]] = "bookkeeping"

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Keep nothing of the pictures [shape=(clips, 5)]: a run gives what was recorded."""
        return np.zeros((len(pictures), 5))

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Grow the tree (Breiman et al. 1984, as scikit-learn has it)."""
        from sklearn.tree import DecisionTreeClassifier

        seed = seed_of(rng)

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            tree = DecisionTreeClassifier(
                min_samples_leaf=LEAST_CLIPS,
                max_leaf_nodes=max(2, RULES_A_CLASS * classes),
                random_state=seed,
            )
            tree.fit(values, numbers)
            return lambda asked: np.asarray(tree.predict_proba(asked))

        return learn_in_id_order(features, labels, learn)


plugins = [Bookkeeping]
