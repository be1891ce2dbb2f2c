"""The week of docs/week.md, played: a run that is stopped and goes on, a table that grows."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_week", DOCS / "week.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["docs_week"] = module  # dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(os.name == "nt", reason="interrupts by a signal")
@pytest.mark.timeout(900)
def test_the_week_goes_as_it_is_told(tmp_path: Path) -> None:
    week = load()
    page = (DOCS / "week.md").read_text(encoding="utf-8")
    played = list(week.play(page, tmp_path))
    for one in played:
        stopped = one.status == 130
        assert one.status == 0 or stopped, one.errors
        assert "Traceback" not in one.errors
    split, monday, look, tuesday, new, wednesday, beside, compared, wrong, runs, report = played
    assert (split.status, monday.status) == (0, 130)

    done = len(monday.cells)
    assert 4 <= done < 12
    said = f"{done} of 12 cells; the same command goes on"
    assert monday.errors.splitlines()[-1] == f"sightbench: {said}"
    assert said in look.out

    assert len(tuesday.cells) == 12
    assert "the same command goes on" not in tuesday.out
    assert monday.cells.items() <= tuesday.cells.items(), "what was finished stays as it was"
    assert tuesday.cells.items() <= wednesday.cells.items()
    assert len(wednesday.cells) == 14, "only the new row is learnt"
    assert "show --all" in wednesday.out
    assert new.status == 0
    for name in ("spectrogram+my-idea", "waveform", "pca-svm", "majority"):
        assert name in beside.out
    assert wednesday.cells == beside.cells == report.cells

    assert "points" in compared.out
    assert "wrong" in wrong.out
    assert (tmp_path / "mistakes" / "contact-sheet.png").exists()
    assert len(list((tmp_path / "mistakes").glob("0*.png"))) == 5
    assert runs.out.count("of 12 cells") == 1
    assert (tmp_path / "week.html").read_text(encoding="utf-8").count("<audio") >= 12


def test_every_step_has_its_output() -> None:
    week = load()
    page = (DOCS / "week.md").read_text(encoding="utf-8")
    steps = list(week.STEP.finditer(page))
    assert len(steps) == page.count("```console")
    assert all(step["text"].strip() for step in steps)
    assert re.search(r"of 12 cells; the same command goes on", page)
