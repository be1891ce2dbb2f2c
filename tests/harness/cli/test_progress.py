from __future__ import annotations

import io

import pytest

from harness.cli import progress
from harness.cli.progress import Bars, Lines, Stage, duration


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progress, "time", made)
    return made


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.9, "59 s"), (80, "1 min 20 s"), (7500, "2 h 5 min")]
)
def test_times_are_written_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_line_names_stage_cells_times_and_what_was_before() -> None:
    stage = Stage("running cells", 30, before=10, done=5, began=0.0)
    stage.cells = ["mel × svm", "mel × \x1b[31m", "third", "fourth"]
    assert stage.words(50.0) == (
        "running cells: 15 of 30 (10 finished before), 50 s so far, about 2 min 30 s left; "
        "mel × svm, mel × \\x1b[31m and 2 more"
    )
    assert Stage("thinking", None, began=0.0).words(3.0) == "thinking: 3 s so far"


def test_a_pipe_hears_after_two_seconds_and_then_now_and_then(clock: Clock) -> None:
    said: list[str] = []
    lines = Lines(said.append)
    lines.stage("reading clips", 8)
    for second in range(25):
        clock.now = 100.0 + second
        lines.look()
        if second % 5 == 0:
            lines.advance()
    assert [line.split(",")[1] for line in said] == [" 2 s so far", " 12 s so far", " 22 s so far"]
    lines.stage("making splits", None)
    assert said[-1] == "reading clips: 5 of 8, ended after 24 s"


def test_what_is_quick_passes_without_a_word(clock: Clock) -> None:
    said: list[str] = []
    lines = Lines(said.append)
    for name in ("one", "two", "three"):
        lines.stage(name, 3)
        lines.advance(3)
        lines.look()
        clock.now += 1.5
    lines.end()
    assert said == []


def test_services_are_told_now_and_then(clock: Clock) -> None:
    said: list[str] = []
    lines = Lines(said.append)
    for second in range(21):
        clock.now = 100.0 + second
        lines.remote("mel × nyckel", second, 20, "invoking")
    assert said == [f"mel × nyckel: invoking, {n} of 20" for n in (0, 10, 20)]


def test_bars_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    with progress._bars() as shown:
        bars = Bars(shown)
        bars.stage("loading plugins", None)
        bars.stage("running cells", 4, 1)
        bars.advance()
        bars.busy(["mel × \x1b[31m"])
        bars.tell("results in a \x1b[2J folder")
        (task,) = shown.tasks
        assert (task.completed, task.total) == (2, 4)
        words = task.fields["known"].words(0.0)
        assert "2 of 4 (1 finished before)" in words
        assert "\x1b" not in words
    assert "results in a \\x1b[2J folder" in out.getvalue()
