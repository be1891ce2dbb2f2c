"""Any classifier of scikit-learn as a classifier of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import (
    Classifier,
    Features,
    Fitted,
    Knowledge,
    ParameterError,
    Pictures,
    Resources,
    hookimpl,
    parameter,
)
from plugins.classifiers.estimator_writing import Estimator, Packed
from plugins.classifiers.estimators import build_estimator
from plugins.classifiers.grey import GreyMatrix, grey_matrix, grey_pictures
from plugins.classifiers.learnt import (
    Chained,
    Probabilities,
    learn_in_id_order,
    learnt_again,
    seed_of,
)

Option = tuple[str, str | int | float | bool | None]


@dataclass(frozen=True, kw_only=True)
class SklearnEstimator(Classifier):
    """Any scikit-learn classifier, named by its path, on the pixels of the small grey picture.

    Further parameters go to the estimator:
    ``sklearn[estimator='sklearn.ensemble.ExtraTreesClassifier',n_estimators=300]``. Steps of a
    pipeline are joined by "+":
    ``sklearn[estimator='sklearn.preprocessing.StandardScaler+sklearn.svm.LinearSVC',C=0.01]``;
    a parameter of an earlier step is written ``standardscaler__with_mean=false``. Only
    scikit-learn's own estimators are built, and only numbers, true, false, none and the words
    that an estimator's own documentation lists can be given: a plan can come from a stranger.

    Raises
    ------
    ParameterError
        There is no such classifier, or it does not take a parameter.
    """

    name: ClassVar[str] = "sklearn"
    most_clips: ClassVar[int | None] = 100_000
    open_parameters: ClassVar[bool] = True

    estimator: str = parameter(help="path of a class, sklearn.ensemble.ExtraTreesClassifier")
    size: int = parameter(32, "side of the grey picture", unit="pixels", low=1, high=256)
    options: tuple[Option, ...] = parameter((), "parameters of the estimator")

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(name.rpartition("__")[2] == "random_state" for name, _ in self.options):
            raise ParameterError(f"{self.name}: leave out random_state; the run sets the seed.")
        # Made once for nothing, so that a wrong name is reported before anything runs.
        build_estimator(self.estimator, dict(self.options), 0)

    def resources(self) -> Resources:
        """Need as many cores as `n_jobs` says, where the estimator is given it."""
        asked = [v for name, v in self.options if name.rpartition("__")[2] == "n_jobs"]
        return Resources(max([1, *(each for each in asked if isinstance(each, int))]))

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Make the pictures grey and small [shape=(clips, size, size)], uint8."""
        return grey_pictures(pictures, self.size, self.size)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Train the estimator on rows of pixels, values from 0 to 1."""
        model = build_estimator(self.estimator, dict(self.options), seed_of(rng))

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            model.fit(grey_matrix(values), numbers)
            return Chained(GreyMatrix(), Estimator(model, classes))

        return learn_in_id_order(features, labels, learn)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make the estimator again, by skops."""
        return learnt_again(knowledge, GreyMatrix, Packed)


@hookimpl
def harness_classifiers() -> list[type[Classifier]]:
    return [SklearnEstimator]
