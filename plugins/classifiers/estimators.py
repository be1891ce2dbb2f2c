"""Finding, building and asking estimators that follow scikit-learn's interface."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError, ParameterError
from plugins.classifiers.support_vectors import softmax

EXAMPLE = "'sklearn.ensemble.ExtraTreesClassifier'"


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
        There is no such class, the last is no classifier, or one does not take a parameter.
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
    own = {name: value for name, value in options.items() if not before or "__" not in name}
    model = _made(last, own, seed)
    _refuse_unless_classifier(model, path)
    return model if not before else _piped(before, model, options, seed)


def _piped(before: list[type[Any]], model: Any, options: Mapping[str, Any], seed: int) -> Any:
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(*(_made(step, {}, seed) for step in before), model)
    known = pipeline.get_params()
    deep = {name: value for name, value in options.items() if "__" in name}
    for name in deep:
        if name not in known:
            raise ParameterError(
                f"sklearn: the pipeline has no parameter {name!r}; its steps are "
                f"{', '.join(pipeline.named_steps)}, and a step's parameter is written "
                f"{next(iter(pipeline.named_steps))}__NAME."
            )
    return pipeline.set_params(**deep)


def _made(cls: type[Any], options: Mapping[str, Any], seed: int) -> Any:
    taken = inspect.signature(cls).parameters
    seeded = {"random_state": seed} if "random_state" in taken else {}
    try:
        return cls(**options, **seeded)
    except TypeError as error:
        named = ", ".join(name for name in taken if name != "random_state") or "none"
        raise ParameterError(
            f"sklearn: {cls.__name__} cannot be made with these parameters ({error}); "
            f"it takes {named}."
        ) from error


def find_class(path: str) -> type[Any]:
    """Import a class of an installed package by its path.

    Raises
    ------
    ParameterError
        No installed package has a class there.
    """
    module_name, _, class_name = path.rpartition(".")
    if not module_name or not all(part.isidentifier() for part in path.split(".")):
        raise ParameterError(
            f"sklearn: estimator={path!r} is not the path of a class; write it like {EXAMPLE}."
        )
    # Only installed packages: a plan must not run a file that happens to lie in the folder.
    package = module_name.partition(".")[0]
    if package != "sklearn" and package not in packages_distributions():
        raise ParameterError(
            f"sklearn: no installed package has the module of estimator={path!r}; install it, "
            "or correct the path."
        )
    try:
        found = getattr(importlib.import_module(module_name), class_name, None)
    except ImportError as error:
        raise ParameterError(
            f"sklearn: the module of estimator={path!r} cannot be imported ({error}); correct "
            "the path, or mend the package."
        ) from error
    if not inspect.isclass(found):
        raise ParameterError(
            f"sklearn: {module_name} has no class {class_name}; write the path of a classifier "
            f"such as {EXAMPLE}."
        )
    return found


def _refuse_unless_classifier(model: Any, path: str) -> None:
    """Refuse regressors and clusterers: their predict gives numbers that are no classes."""
    from sklearn.base import BaseEstimator, is_classifier

    if isinstance(model, BaseEstimator) and not is_classifier(model):
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
    if found.shape != (len(rows), classes) or not (found.sum(axis=1) > 0).all():
        raise ClassifierError(
            f"{type(model).__name__} gave no usable probabilities for {classes} classes "
            f"(an array of shape {found.shape}); check its parameters, or use another classifier."
        )
    return found
