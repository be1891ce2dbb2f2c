"""Checks of plugins of every kind: what a person writes and reads."""

from __future__ import annotations

import dataclasses
import inspect

from harness.conformance.checks import check
from harness.conformance.subject import Subject
from harness.conformance.verdicts import not_applicable, require
from harness.contracts import Plugin
from harness.errors import ParameterError, SightbenchError
from harness.planning.parameters import parameters, spec_of, values_of
from harness.planning.specs import parse_specs
from harness.sources.kinds import KINDS


@check(*KINDS, remedy="Give the class a docstring, and each parameter(...) a help text.")
def describes_itself(subject: Subject) -> None:
    """A first docstring line and a help text for every parameter, for `sightbench list`."""
    cls = type(subject.plugin)
    doc = inspect.cleandoc(vars(cls).get("__doc__") or "")
    generated = doc.startswith(f"{cls.__name__}(")
    require(bool(doc) and not generated, f"The class {cls.__name__} has no docstring.")
    silent = [each.name for each in parameters(cls) if not each.help]
    require(not silent, f"No help for the parameter {', '.join(silent)}.")


@check(*KINDS, remedy="Keep parameters to text, numbers, true, false and none.")
def written_form(subject: Subject) -> None:
    """Parameters survive the written form and back."""
    plugin = subject.plugin
    for variant in (plugin, *_variants(subject)):
        text = str(spec_of(variant))
        (spec,) = parse_specs(text)
        back = type(plugin)(**values_of(type(plugin), spec))
        require(back == variant, f"{text} reads back as {spec_of(back)}.")


@check(*KINDS, remedy="Call super().__post_init__() where the class has its own __post_init__.")
def checks_its_parameters(subject: Subject) -> None:
    """A value of the wrong type, or outside the declared limits, is refused."""
    plugin = subject.plugin
    declared = parameters(type(plugin))
    if not declared:
        not_applicable("it has no parameters")
    for each in declared:
        wrong: list[object] = [object()]
        wrong += [each.low - 1] if each.low is not None else []
        wrong += [each.high + 1] if each.high is not None else []
        wrong += ["no such choice"] if each.choices else []
        for value in wrong:
            try:
                dataclasses.replace(plugin, **{each.field: value})
            except ParameterError:
                continue
            shown = value if isinstance(value, (str, int, float)) else "an object of no type"
            require(False, f"{each.name} takes {shown!r}.")


def _variants(subject: Subject) -> list[Plugin]:
    """Change one parameter at a time, as far as valid other values are known."""
    variants: list[Plugin] = []
    for each in parameters(type(subject.plugin)):
        for value in (*each.choices, each.low, each.high):
            if value is None:
                continue
            try:
                variants.append(dataclasses.replace(subject.plugin, **{each.field: value}))
            except SightbenchError:  # it does not go with the other parameters
                continue
    return variants


CHECKS = (describes_itself, written_form, checks_its_parameters)
