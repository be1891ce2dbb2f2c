"""Plugins given as objects: each is entered in the catalogue and stands in a plan in words.

A plugin is a name and parameters, so its words make it again: results, tables and the same
command tomorrow say the same whether a plugin was written or passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.contracts import PLUGIN_KINDS, Plugin
from harness.errors import PlanError, PluginError
from harness.planning.parameters import spec_of
from harness.registry.admission import class_fault
from harness.registry.catalogue import Catalogue
from harness.sources.places import Origin


def written(catalogue: Catalogue, given: Any, kinds: Sequence[str]) -> str:
    """Write down what was given as a choice: text as it is, an object by name and parameters.

    A list or tuple is a chain: ``["spectrogram", MyFilter()]`` is "spectrogram+my-filter".

    Parameters
    ----------
    kinds
        The kinds that may stand here: ("representation", "improvement").

    Raises
    ------
    PlanError
        It is neither text, nor a plugin of these kinds, nor a chain of such.
    PluginError
        The class breaks the contract, or another plugin has its name.
    """
    if isinstance(given, (list, tuple)) and "improvement" in kinds and given:
        return "+".join(written(catalogue, each, kinds) for each in given)
    if isinstance(given, (str, Path)):
        return str(given)
    if isinstance(given, type) and issubclass(given, Plugin):
        _enter(catalogue, given, kinds)
        given = given()
    if not isinstance(given, Plugin) or given.kind not in kinds:
        what = " or ".join(kinds)
        raise PlanError(f"{given!r} is no {what}: give its name as text, or an object of one.")
    _enter(catalogue, type(given), kinds)
    return str(spec_of(given))


def _enter(catalogue: Catalogue, cls: type[Plugin], kinds: Sequence[str]) -> None:
    """Enter a class that no module offers; it is asked the same as all others."""
    if catalogue.knows(cls):
        return
    allowed = tuple(kind for kind in kinds if kind in PLUGIN_KINDS)
    fault = class_fault(cls, allowed)
    origin = Origin(cls.__name__, cls.__module__, distribution=f"your own {cls.__module__}")
    if fault:
        raise PluginError(f"The class {cls.__name__} of {cls.__module__} was given, {fault}.")
    catalogue.add(cls.kind, cls, origin)
