"""Plugins that listen to a run: what they raise is told, and costs nobody anything."""

from __future__ import annotations

from types import SimpleNamespace

import pluggy
import pytest

from harness import hookspecs
from harness.hookspecs import hookimpl
from harness.running.listeners import tell_listeners


class Listener:
    def __init__(self, fault=None):
        self.fault = fault
        self.heard = []

    @hookimpl
    def harness_cell_finished(self, record):
        self.heard.append(record)
        if self.fault is not None:
            raise self.fault


def session_of(**listeners):
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for name, listener in listeners.items():
        manager.register(listener, name)
    lines = []
    return SimpleNamespace(hook=manager.hook, observer=SimpleNamespace(tell=lines.append)), lines


@pytest.mark.parametrize("fault", [RuntimeError("on purpose"), SystemExit("on purpose")])
def test_what_a_listener_raises_is_told_and_the_others_hear(fault):
    calm, angry, late = Listener(), Listener(fault), Listener()
    session, lines = session_of(calm=calm, angry=angry, late=late)
    tell_listeners(session, "harness_cell_finished", record="a record")
    assert calm.heard == angry.heard == late.heard == ["a record"]
    (line,) = lines
    assert line.startswith("angry: harness_cell_finished() failed (")
    assert "on purpose" in line


def test_nobody_listens():
    session, lines = session_of()
    tell_listeners(session, "harness_cell_started", cell="a cell")
    assert lines == []
