"""Any scikit-learn estimator as a classifier of pictures."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, ParameterError, Pictures, hookimpl, parameter
from plugins.classifiers.grey import grey_matrix, grey_pictures
from plugins.classifiers.learnt import Probabilities, learn_in_id_order, seed_of
from plugins.classifiers.support_vectors import softmax

Option = tuple[str, str | int | float | bool]
FORBIDDEN = {"random_state": "the run's own seed takes its place"}
"""Parameters that nobody may set, and why."""


@dataclass(frozen=True, kw_only=True)
class SklearnEstimator(Classifier):
    """Any scikit-learn estimator, by its path, on the pixels of the small grey picture.

    Further parameters go to the estimator:
    ``sklearn[estimator='sklearn.ensemble.ExtraTreesClassifier',n_estimators=300]``. Classes of
    other packages that follow scikit-learn's interface (``fit``, ``predict`` and, if it has
    them, ``predict_proba`` or ``decision_function``) work too.
    """

    name: ClassVar[str] = "sklearn"
    open_parameters: ClassVar[bool] = True

    estimator: str = parameter(help="path of the class, 'sklearn.ensemble.ExtraTreesClassifier'")
    size: int = parameter(32, "side of the grey picture", unit="pixels", low=1, high=256)
    options: tuple[Option, ...] = parameter((), "parameters of the estimator")

    def __post_init__(self) -> None:
        super().__post_init__()
        for option, _ in self.options:
            if option in FORBIDDEN:
                raise ParameterError(f"{self.name}: leave out {option}; {FORBIDDEN[option]}.")

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Make the pictures grey and small [shape=(clips, size, size)], uint8."""
        return grey_pictures(pictures.pixels, self.size, self.size)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Train the estimator on rows of pixels, values from 0 to 1."""
        model = self.build(seed_of(rng))

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            model.fit(grey_matrix(values), numbers)
            return lambda asked: class_probabilities(model, grey_matrix(asked), classes)

        return learn_in_id_order(features, labels, learn)

    def build(self, seed: int) -> Any:
        """Make the estimator with its parameters and a seed, if it takes one.

        Raises
        ------
        ParameterError
            There is no such class, it is no classifier, or it does not take a parameter.
        """
        cls = find_estimator(self.estimator)
        taken = inspect.signature(cls).parameters
        seeded = {"random_state": seed} if "random_state" in taken else {}
        try:
            return cls(**dict(self.options), **seeded)
        except TypeError as error:
            named = ", ".join(name for name in taken if name != "random_state") or "none"
            raise ParameterError(
                f"sklearn: {self.estimator} does not take these parameters ({error}); "
                f"it takes {named}."
            ) from error


def find_estimator(path: str) -> type[Any]:
    """Import a class by its path and see that it can be trained.

    Raises
    ------
    ParameterError
        The path does not lead to a class with ``fit`` and ``predict``.
    """
    module_name, _, class_name = path.rpartition(".")
    if not module_name or not all(part.isidentifier() for part in path.split(".")):
        raise ParameterError(
            f"sklearn: estimator={path!r} is no path of a class such as "
            "'sklearn.ensemble.ExtraTreesClassifier'."
        )
    try:
        found = getattr(importlib.import_module(module_name), class_name, None)
    except ImportError as error:
        raise ParameterError(
            f"sklearn: the module of estimator={path!r} cannot be imported ({error}); install "
            "the package, or correct the path."
        ) from error
    if not inspect.isclass(found) or not (hasattr(found, "fit") and hasattr(found, "predict")):
        raise ParameterError(
            f"sklearn: estimator={path!r} is not a class with fit and predict; name a "
            "classifier such as 'sklearn.ensemble.ExtraTreesClassifier'."
        )
    return found


def class_probabilities(model: Any, rows: NDArray[Any], classes: int) -> NDArray[np.float64]:
    """Ask a fitted estimator for probabilities [shape=(clips, classes)].

    Without ``predict_proba``, decision values are turned into shares that sum to one (softmax);
    without those, the predicted class has all.
    """
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(rows), np.float64)
    if hasattr(model, "decision_function"):
        return softmax(np.asarray(model.decision_function(rows), np.float64))
    return np.eye(classes)[np.asarray(model.predict(rows), np.intp)]


@hookimpl
def harness_classifiers() -> list[type[Classifier]]:
    return [SklearnEstimator]
