"""Building scikit-learn's estimators from what a plan says, and asking them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError, ParameterError
from plugins.classifiers.decisions import softmax
from plugins.classifiers.estimator_rules import EXAMPLE, check_options, find_class


def build_estimator(path: str, options: Mapping[str, Any], seed: int) -> Any:
    """Make an estimator, or a pipeline of several.

    Parameters
    ----------
    path
        The path of a class; of several, joined by "+", all but the last transform.
    options
        Parameters of the last class; those of a step are written ``standardscaler__with_mean``.
    seed
        Goes to every class that has a parameter ``random_state``.

    Raises
    ------
    ParameterError
        There is no such estimator, the last is no classifier, or one does not take a parameter.
    """
    *before, last = (find_class(each.strip()) for each in path.split("+"))
    for step in before:
        if not hasattr(step, "transform"):
            raise ParameterError(
                f"sklearn: {step.__name__} has no transform; in estimator={path!r} only the "
                "last class may be a classifier."
            )
    if not (hasattr(last, "fit") and hasattr(last, "predict")):
        raise ParameterError(
            f"sklearn: {last.__name__} has no fit and predict; estimator={path!r} must end in a "
            f"classifier such as {EXAMPLE}."
        )
    if not before:
        model = _made(last, options, seed)
        _refuse_unless_classifier(model, path)
        return model
    return _piped(path, [*before, last], options, seed)


def _piped(path: str, steps: list[type[Any]], options: Mapping[str, Any], seed: int) -> Any:
    """Make a pipeline of several; a parameter without the name of a step is the last one's."""
    from sklearn.pipeline import Pipeline

    names = _step_names(steps)
    given: dict[str, dict[str, Any]] = {name: {} for name in names}
    for option, value in options.items():
        step, mark, name = option.rpartition("__")
        if mark and step not in given:
            raise ParameterError(
                f"sklearn: the pipeline has no parameter {option!r}; its steps are "
                f"{', '.join(names)}, and a step's parameter is written {names[0]}__NAME."
            )
        given[step or names[-1]][name] = value
    made = [(name, _made(step, given[name], seed)) for name, step in zip(names, steps, strict=True)]
    _refuse_unless_classifier(made[-1][1], path)
    return Pipeline(made)


def _step_names(steps: list[type[Any]]) -> list[str]:
    """Name steps as scikit-learn does: in small letters, numbered where one comes again."""
    names = [step.__name__.lower() for step in steps]
    return [
        name if names.count(name) == 1 else f"{name}-{names[: place + 1].count(name)}"
        for place, name in enumerate(names)
    ]


def _made(cls: type[Any], options: Mapping[str, Any], seed: int) -> Any:
    check_options(cls, options)
    taken = inspect.signature(cls).parameters
    seeded = {"random_state": seed} if "random_state" in taken else {}
    missing = [name for name, each in taken.items() if each.default is each.empty]
    if any(name not in options for name in missing):
        raise ParameterError(
            f"sklearn: a plan cannot build {cls.__name__}: it needs {', '.join(missing)}, which "
            "it makes of another estimator or of an array."
        )
    return cls(**options, **seeded)


def _refuse_unless_classifier(model: Any, path: str) -> None:
    """Refuse regressors and clusterers: their predict gives numbers that are no classes."""
    from sklearn.base import BaseEstimator, is_classifier

    if not isinstance(model, BaseEstimator) or not is_classifier(model):
        raise ParameterError(
            f"sklearn: {type(model).__name__} is not a classifier; estimator={path!r} must end "
            f"in one, such as {EXAMPLE}."
        )


def class_probabilities(model: Any, rows: NDArray[Any], classes: int) -> NDArray[np.float64]:
    """Ask a fitted estimator for probabilities [shape=(clips, classes)].

    Without ``predict_proba``, decision values are turned into shares that sum to one (softmax);
    without those, the predicted class has all.

    Raises
    ------
    ClassifierError
        It gives anything else than one finite share a class.
    """
    if hasattr(model, "predict_proba"):
        found = np.asarray(model.predict_proba(rows), np.float64)
    elif hasattr(model, "decision_function"):
        found = softmax(np.asarray(model.decision_function(rows), np.float64))
    else:
        predicted = np.asarray(model.predict(rows))
        found = (predicted.reshape(-1, 1) == np.arange(classes)).astype(np.float64)
    usable = found.shape == (len(rows), classes) and bool(np.isfinite(found).all())
    if not usable or not ((found >= 0).all() and (found.sum(axis=1) > 0).all()):
        raise ClassifierError(
            f"{type(model).__name__} gave no usable probabilities for {classes} classes "
            f"(an array of shape {found.shape}); check its parameters, or use another classifier."
        )
    return found
