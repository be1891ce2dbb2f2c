from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pluggy
import pytest

from harness import hookspecs
from harness.registry.admission import CLASS_HOOKS, hook_signatures
from harness.registry.discovery import load

Install = Callable[..., Path]

MODULE = """
from harness import hookimpl

heard = []

@hookimpl
def harness_default_choices():
    return {"dataset": "mine"}

@hookimpl
def harness_datasets():
    return []

@hookimpl
def harness_representations():
    return []

@hookimpl
def harness_improvements():
    return []

@hookimpl
def harness_classifiers():
    return []

@hookimpl
def harness_engines():
    return []

@hookimpl
def harness_cell_started(cell):
    heard.append(("started", cell))

@hookimpl
def harness_cell_finished(record):
    heard.append(("finished", record))
"""


@pytest.mark.parametrize("hook", hook_signatures())
def test_a_module_may_implement_the_hook(install: Install, hook: str) -> None:
    install(MODULE, name="all-hooks")
    caller = getattr(load().hook, hook)
    (implementation,) = caller.get_hookimpls()
    assert implementation.plugin_name.startswith("all-hooks")


def test_events_reach_the_module(install: Install) -> None:
    module = install(MODULE, name="all-hooks").stem
    hook = load().hook
    hook.harness_cell_started(cell=1)
    hook.harness_cell_finished(record=2)
    assert sys.modules[module].heard == [("started", 1), ("finished", 2)]


def test_one_answer_is_taken_where_one_is_asked(install: Install) -> None:
    install(MODULE, name="all-hooks")
    assert load().hook.harness_default_choices() == {"dataset": "mine"}


def test_no_answer_is_none(install: Install) -> None:
    assert load().hook.harness_default_choices() is None


def test_specifications_and_class_hooks_agree() -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    declared = {name for name in vars(manager.hook) if name.startswith("harness_")}
    assert declared == set(hook_signatures())
    assert set(CLASS_HOOKS) <= declared


def test_every_hook_says_what_it_is_for() -> None:
    for name in hook_signatures():
        assert (getattr(hookspecs, name).__doc__ or "").strip()
