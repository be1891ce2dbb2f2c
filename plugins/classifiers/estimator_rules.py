"""Which scikit-learn estimators a plan may build, and with which parameters.

A plan can come from a stranger. So the estimator is one of scikit-learn's own, from a module
named here, and a parameter is a number, a truth value, nothing, or a word that the estimator's
own constraints list. Whatever names a file, is called or starts processes is none of these.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

from harness import ParameterError

EXAMPLE = "'sklearn.ensemble.ExtraTreesClassifier'"
MODULES = frozenset(
    f"sklearn.{name}"
    for name in (
        "calibration",
        "cluster",
        "cross_decomposition",
        "decomposition",
        "discriminant_analysis",
        "dummy",
        "ensemble",
        "feature_selection",
        "gaussian_process",
        "impute",
        "kernel_approximation",
        "linear_model",
        "manifold",
        "naive_bayes",
        "neighbors",
        "neural_network",
        "preprocessing",
        "random_projection",
        "semi_supervised",
        "svm",
        "tree",
    )
)
"""Those whose estimators learn from rows of numbers; none reads or writes a file by itself."""
_REFUSED = {
    "FunctionTransformer": "it calls a function",
    "SequentialFeatureSelector": "it runs another estimator many times",
}
_FIXED: Mapping[str, tuple[tuple[Any, ...], str]] = {
    "n_jobs": ((1, None), "the run shares out the processors; leave it out"),
    "pre_dispatch": ((), "the run shares out the processors; leave it out"),
    "verbose": ((0,), "what is printed belongs to sightbench; leave it out"),
    "memory": ((None,), "it names a folder that would be read and written; leave it out"),
    "random_state": ((), "the run sets the seed; leave it out"),
}
"""Parameters that the run decides on: the values that change nothing, and why no other."""
_LARGEST = 10**9


def find_class(path: str) -> type[Any]:
    """Return the class of one of scikit-learn's estimators by its path.

    Raises
    ------
    ParameterError
        It is no path, not scikit-learn's, or no estimator that a plan may build.
    """
    module_name, _, class_name = path.rpartition(".")
    if not module_name or not all(part.isidentifier() for part in path.split(".")):
        raise ParameterError(
            f"sklearn: estimator={path!r} is not the path of a class; write it like {EXAMPLE}."
        )
    if module_name not in MODULES:
        names = ", ".join(sorted(name.removeprefix("sklearn.") for name in MODULES))
        raise ParameterError(
            f"sklearn: estimator={path!r} is in no module that a plan may name. It builds "
            f"scikit-learn's own estimators only, of sklearn.{{{names}}}. Wrap any other in a "
            "plugin of your own: sightbench new classifier."
        )
    found = _public(importlib.import_module(module_name), class_name)
    if found is None:
        raise ParameterError(
            f"sklearn: {module_name} has no class {class_name}; write the path of a classifier "
            f"such as {EXAMPLE}."
        )
    if class_name in _REFUSED:
        raise ParameterError(f"sklearn: a plan cannot build {class_name}: {_REFUSED[class_name]}.")
    return found


def _public(module: Any, name: str) -> type[Any] | None:
    """Return an estimator that a module offers, not one that merely is imported there."""
    from sklearn.base import BaseEstimator

    found = vars(module).get(name) if name in getattr(module, "__all__", (name,)) else None
    if not inspect.isclass(found) or not issubclass(found, BaseEstimator):
        return None
    own = f"{found.__module__}.".startswith(f"{module.__name__}.")
    return found if own and not name.startswith("_") and not inspect.isabstract(found) else None


def check_options(cls: type[Any], options: Mapping[str, Any]) -> None:
    """See that an estimator may be given these parameters.

    Raises
    ------
    ParameterError
        One of them is not a parameter of it, or of a kind that a plan may not give.
    """
    constraints: Mapping[str, Any] = getattr(cls, "_parameter_constraints", {})
    taken = [name for name in inspect.signature(cls).parameters if name not in _FIXED]
    for name, value in options.items():
        what = f"sklearn: {cls.__name__} is given {name}={value!r}"
        if name in _FIXED:
            harmless, why = _FIXED[name]
            if value not in harmless or name not in constraints:
                raise ParameterError(f"{what}: {why}.")
            continue
        if name not in taken or name not in constraints:
            raise ParameterError(
                f"{what}, which it does not take; it takes {', '.join(taken) or 'none'}."
            )
        _check_kind(what, value)
        if not _fits(value, constraints[name]):
            allowed = _described(constraints[name])
            raise ParameterError(
                f"{what}; a plan can give {allowed}."
                if allowed
                else f"{what}, which no plan can set: it takes an object; leave it out."
            )


def _check_kind(what: str, value: object) -> None:
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise ParameterError(f"{what}, which is no number, truth value or word.")
    if isinstance(value, (int, float)) and not abs(value) <= _LARGEST:
        raise ParameterError(f"{what[:200]}, which is no finite number of a sensible size.")


def _fits(value: Any, constraints: Any) -> bool:
    """Say whether one of an estimator's constraints, of those that a plan may meet, is met."""
    from sklearn.utils._param_validation import _Booleans

    # To Python a truth value is a whole number as well.
    truth = isinstance(value, (bool, np.bool_))
    met = [each for each in _plain(constraints) if each.is_satisfied_by(value)]
    return any(isinstance(each, _Booleans) for each in met) if truth else bool(met)


def _described(constraints: Any) -> str:
    """Say what may be given, empty where nothing may be."""
    return " or ".join(str(each) for each in _plain(constraints))


def _plain(constraints: Any) -> list[Any]:
    """Return the constraints that are met by numbers, truth values, nothing or listed words.

    A bare ``str``, an array, a callable, an object with methods: none of these.
    """
    from sklearn.utils import _param_validation as validation

    kinds = (
        validation.Interval,
        validation.Options,
        validation._Booleans,
        validation._NoneConstraint,
    )
    if isinstance(constraints, str):  # "no_validation"
        return []
    found = []
    for each in constraints:
        number = inspect.isclass(each) and each in (Integral, Real, int, float)
        if each == "cv_object":
            found.append(validation.Interval(Integral, 2, None, closed="left"))
        elif number or each in (None, bool, "boolean") or isinstance(each, kinds):
            found.append(validation.make_constraint("boolean" if each is bool else each))
    return found
