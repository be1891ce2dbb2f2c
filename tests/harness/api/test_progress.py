"""How far it is, in a notebook and elsewhere."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from harness.api.progress import Line, Silence, observing


class Handle:
    """Remembers what a notebook was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def update(self, what: Any) -> None:
        self.shown.append(what._repr_html_())


def test_a_line_moves_and_what_was_told_stays() -> None:
    handle = Handle()
    line = Line(handle)
    line.tell("results in <here>")
    line.stage("running cells", 3)
    line.advance(3)
    assert handle.shown[-1] == "<pre>results in &lt;here&gt;\nrunning cells: 3 of 3</pre>"
    line.end()
    assert handle.shown[-1] == "<pre>results in &lt;here&gt;</pre>"


def test_steps_are_not_drawn_oftener_than_eyes_see() -> None:
    handle = Handle()
    line = Line(handle)
    line.stage("drawing pictures", 10_000)
    for _ in range(9_999):
        line.advance()
    assert len(handle.shown) < 1000


def test_a_service_is_named() -> None:
    line = Line(Handle())
    line.remote("mel × service", 2, 5, "posting")
    assert line.text() == "mel × service: posting: 2 of 5"


def test_a_notebook_is_known_by_its_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = Handle()
    shell = type("Shell", (), {"kernel": object()})()
    made, display = ModuleType("IPython"), ModuleType("IPython.display")
    made.get_ipython = lambda: shell  # type: ignore[attr-defined]
    display.display = lambda what, display_id: handle  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", made)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    with observing() as observer:
        observer.stage("reading clips", 2)
    assert any("reading clips: 0 of 2" in each for each in handle.shown)
    assert handle.shown[-1] == "<pre></pre>"


def test_silence_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    with observing(False) as observer:
        assert isinstance(observer, Silence)
        observer.stage("reading clips", 2)
        observer.advance()
        observer.tell("something")
    assert capfd.readouterr() == ("", "")
