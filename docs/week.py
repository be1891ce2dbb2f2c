"""Runs docs/week.md and writes into it what was printed: ``python docs/week.py``.

Where ``^C`` stands below a command it is interrupted when a third of its cells are finished.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parent / "week.md"
STEP = re.compile(r"```console\n(?P<lines>.*?)```\n\n```text\n(?P<text>.*?)```", re.DOTALL)
STOP = "^C"


@dataclass(frozen=True)
class Played:
    """One command, how it ended, what it printed, and the cells that were finished then."""

    line: str
    status: int
    out: str
    errors: str
    cells: dict[str, int]


def play(page: str, folder: Path) -> Iterator[Played]:
    """Run the commands of a page, one after another."""
    for step in STEP.finditer(page):
        lines = step["lines"].splitlines()
        for line, after in zip(lines, [*lines[1:], ""], strict=True):
            if line.startswith("$ "):
                yield _run(line[2:], folder, stop=after == STOP)


def _run(line: str, folder: Path, stop: bool) -> Played:
    words = shlex.split(line)[1:]
    surroundings = {**os.environ, "COLUMNS": "80", "SIGHTBENCH_CACHE": str(folder / "cache")}
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", *words],
        cwd=folder, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if stop:
        third = _planned(words) // 3
        while process.poll() is None and len(finished(folder)) < third:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
    out, errors = process.communicate()
    return Played(line, process.returncode, out, errors, finished(folder))


def _planned(words: list[str]) -> int:
    return words.count("-r") * words.count("-c")


def finished(folder: Path) -> dict[str, int]:
    """Return when each finished cell was written (ns), by name."""
    records = folder.glob("results/*/*/cells/[!.]*/record.json")
    return {path.parent.name: path.stat().st_mtime_ns for path in records}


def filled(page: str, played: list[Played]) -> str:
    """Return the page with what its commands printed."""
    rest = iter(played)

    def fill(step: re.Match[str]) -> str:
        count = sum(line.startswith("$ ") for line in step["lines"].splitlines())
        shown = "".join(_shown(next(rest)) for _ in range(count))
        return f"```console\n{step['lines']}```\n\n```text\n{shown}```"

    return STEP.sub(fill, page)


def _shown(one: Played) -> str:
    """Return what a terminal would keep: of a command that was stopped, its last word."""
    text = one.out if one.out else one.errors.splitlines()[-1] + "\n"
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(filled(text, list(play(text, Path(place)))), encoding="utf-8")
