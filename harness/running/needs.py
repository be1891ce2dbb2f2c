"""What cells need of the machine that runs them, and what they get."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from harness.contracts import LocalClassifier, RemoteClassifier
from harness.errors import PluginError, one_line
from harness.planning.resources import Wishes, read_wishes
from harness.registry.resolution import Resolved
from harness.values import Missing, Resources

AnyClassifier = LocalClassifier | RemoteClassifier


def wishes_of(written: Iterable[str], resolved: Resolved) -> Wishes:
    """Read what a person wrote of resources (--resources).

    Raises
    ------
    PlanError
        It does not fit the plan.
    """
    return read_wishes(written, [spec.name for spec in resolved.classifiers])


def needs_of(classifier: AnyClassifier | Missing, wishes: Wishes) -> Resources:
    """Return what a cell of a classifier needs: what it says itself, as a person changed it.

    Raises
    ------
    PluginError
        What it says is not `Resources`.
    """
    if isinstance(classifier, Missing):
        return Resources()
    return dataclasses.replace(_declared(classifier), **wishes.get(classifier.name, {}))


def most_needed(resolved: Resolved, written: Iterable[str]) -> Resources:
    """Return what is enough for any cell of a plan."""
    wishes = wishes_of(written, resolved)
    return Resources.most(needs_of(each, wishes) for each in resolved.classifiers.values())


@contextmanager
def threads_of(classifier: AnyClassifier) -> Iterator[None]:
    """Let libraries use as many threads as a classifier says: never by machine or by option, for
    last digits may depend on it."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(_declared(classifier).cores):
        yield


def _declared(classifier: AnyClassifier) -> Resources:
    if isinstance(classifier, RemoteClassifier):
        return Resources()
    try:
        found = classifier.resources()
    except (Exception, SystemExit) as error:  # a stranger's plugin
        raise PluginError(f"{classifier.name}.resources() fails: {one_line(error)}") from error
    if not isinstance(found, Resources):
        raise PluginError(
            f"{classifier.name}.resources() returns {type(found).__name__}; return "
            "harness.Resources(cores=..., memory=..., gpus=...)."
        )
    return found
