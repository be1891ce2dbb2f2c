"""The answer at a glance: one screen, whatever the width, the classes and the number of cells."""

from __future__ import annotations

import dataclasses
import io

import pytest
from rich.console import Console

from harness.analysis.choice import Criterion
from harness.analysis.summary import summarise
from harness.clips.oddities import Oddities
from harness.reporting.tables.glance import print_glance
from harness.reporting.wording import glance as wording

REPRESENTATIONS = (
    "waveform",
    "spectrogram",
    "mel",
    "spectrogram+noise-removed",
    "spectrogram+noise-removed+frequency-cropped",
)
CLASSIFIERS = ("pixels-logistic", "pca-svm", "hog-svm", "patches-logistic")
CONTROLS = ("majority", "shuffled-labels")


@pytest.fixture(scope="module")
def small(tmp_path_factory, run_in):
    run, _, _ = run_in(tmp_path_factory.mktemp("glance"))(
        representations=["levels", "spectrogram"], classifiers=["nearest-mean", "majority"]
    )
    return summarise(run)


def pretend(small, representations=REPRESENTATIONS, classifiers=CLASSIFIERS, classes=2):
    """Make a summary of many cells out of one of few."""
    real, control = small.choice.row, next(row for row in small.rows if row.control)
    rows = []
    for at, name in enumerate(representations):
        for place, classifier in enumerate((*classifiers, *CONTROLS)):
            made = control if classifier in CONTROLS else real
            value = 0.5 if made.control else 0.6 + 0.3 * (at + place / 50) / len(representations)
            scores = dataclasses.replace(made.records[0].cv, accuracy=value)
            records = (dataclasses.replace(made.records[0], cv=scores),)
            rows.append(
                dataclasses.replace(
                    made, representation=name, classifier=classifier, accuracy=value,
                    records=records, about="new groups",
                )
            )  # fmt: skip
    best = max((row for row in rows if not row.control), key=lambda row: row.accuracy)
    others = [row for row in rows if not row.control and row is not best]
    choice = dataclasses.replace(
        small.choice, row=best, highest=best, ties=tuple(others[-6:]), others=len(others),
        value=best.accuracy, clips=480, fewest=13,
    )  # fmt: skip
    named = {f"class {at}": 1600 // classes for at in range(classes)}
    data = dataclasses.replace(small.data, clips=1600, classes=named, odd=Oddities())
    return dataclasses.replace(small, rows=tuple(rows), choice=choice, data=data)


def glance(summary, width=80, **options):
    console = Console(file=io.StringIO(), width=width, no_color=True, highlight=False)
    print_glance(summary, console, **options)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("classes", [2, 40])
@pytest.mark.parametrize(("many", "columns"), [(5, 4), (75, 4), (10, 30)])
def test_one_screen_holds_the_answer(small, width, classes, many, columns):
    representations = (*REPRESENTATIONS, *(f"scalogram[voices={at}]" for at in range(many - 5)))
    classifiers = (*CLASSIFIERS, *(f"network[layers={at}]" for at in range(columns - 4)))
    summary = pretend(small, representations, classifiers, classes)
    text = glance(summary, width)
    lines = text.splitlines()
    assert len(lines) <= 23  # the last line of the screen is the prompt
    assert max(map(len, lines)) <= width
    chosen = summary.choice.row
    assert f"{100 * chosen.accuracy:.1f}*" in text
    assert text.count("*") == 2  # in the grid, and in the legend
    assert "majority 50.0, shuffled-labels 50.0 (controls)" in text
    assert lines[-1].startswith("Next: sightbench mistakes")
    assert any(line.startswith("fit s ") for line in lines)
    hidden = many > 5 or columns > 4
    assert ("show --all-rows" in " ".join(text.split())) == hidden


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_default_run_is_shown_whole(small, width):
    text = glance(pretend(small), width)
    flat = text.split("\n")
    for name in ("waveform", "mel"):
        assert sum(line.startswith(name) for line in flat) == 1
    assert sum(line.startswith("spectrogram") for line in flat) == 3
    assert "+frequency-cropped" in text


def test_all_rows_shows_everything(small):
    names = tuple(f"scalogram[voices={at}]" for at in range(30))
    classifiers = tuple(f"network[layers={at}]" for at in range(30))
    text = glance(pretend(small, names, classifiers), 80, all_rows=True)
    assert "more rows" not in text
    grids = text.count("ms/clip")
    assert all(text.count(name) >= grids for name in names)
    assert max(map(len, text.splitlines())) <= 80


def test_rows_that_are_left_out_are_counted(small):
    names = tuple(f"scalogram[voices={at}]" for at in range(60))
    text = glance(pretend(small, names), 80)
    shown = sum(line.startswith("scalogram[") for line in text.splitlines())
    assert f"{60 - shown} more rows" in text
    assert "scalogram[voices=59]" in text  # the best one stays


DRAWN = """\
Ranked by cross-validation: holdout accuracy (%)
                                        pixels-                 patches-
                                       logistic pca-svm hog-svm logistic
spectrogram+noise-removed                84.0~   84.1~   84.2~    84.4*
+frequency-cropped
spectrogram+noise-removed                78.0    78.1~   78.2~    78.4~
mel                                      72.0    72.1    72.2     72.4
spectrogram                              66.0    66.1    66.2     66.4
waveform                                 60.0    60.1    60.2     60.4
"""


def test_the_default_run_looks_like_this(small):
    grid = glance(pretend(small), 80).split("\n\n")[1].splitlines()
    assert [line[:73].rstrip() for line in grid[:9]] == DRAWN.splitlines()


def test_what_is_highest_on_the_holdout_is_marked_apart(small):
    summary = pretend(small)
    highest = summary.choice.ties[0]
    told = next(r for r in summary.rows if not r.control and r not in summary.choice.ties)
    marked = dataclasses.replace(summary.choice, highest=highest)
    text = glance(dataclasses.replace(summary, choice=marked), 120)
    assert f"{100 * highest.accuracy:.1f}^~" in text
    assert "^ highest on the holdout" in text
    assert f"highest there: {highest.title}" in text
    marked = dataclasses.replace(summary.choice, highest=told)
    assert f"{100 * told.accuracy:.1f}^ " in glance(
        dataclasses.replace(summary, choice=marked), 120
    )


def test_unfinished_and_damaged_are_said(small):
    summary = dataclasses.replace(pretend(small), planned=30, damaged=("cells/x: torn.",), others=7)
    text = glance(summary, 120)
    assert f"{summary.finished} of 30 cells; the same command goes on." in text
    assert "damaged, counts as absent: cells/x: torn." in text
    assert "7 more cells on the same clips and split: show --all" in text


def test_too_few_clips_tell_nothing(small):
    summary = pretend(small)
    few = dataclasses.replace(summary.choice, clips=4)
    text = " ".join(glance(dataclasses.replace(summary, choice=few)).split())
    assert "4 independent holdout clips are too few to tell 20 cells apart: below 13" in text
    assert "cannot be told from it" not in text
    assert "~" not in text


def test_names_from_outside_are_text(small):
    summary = pretend(small, ("[red]x[/red]", "a\x1b[31mb"), ("[bold]svm",))
    text = glance(summary, 120)
    assert "[red]x[/red]" in text
    assert "[bold]svm" in text
    assert "\x1b" not in text


def test_a_small_terminal_keeps_the_best_rows(small):
    console = Console(
        file=io.StringIO(), width=100, height=18, force_terminal=True, color_system=None
    )
    print_glance(pretend(small), console)
    text = console.file.getvalue()
    assert len(text.splitlines()) <= 17
    assert "more rows" in text
    assert text.count("*") == 2


def test_rows_are_ranked_by_what_the_choice_was_made_by(small):
    summary = pretend(small)
    assert wording.ranked_names(summary, "representation") == list(reversed(REPRESENTATIONS))
    seen = dataclasses.replace(summary.choice, side="holdout", by=Criterion.accuracy)
    title = wording.grid_title(dataclasses.replace(summary, choice=seen))
    assert title == "Ranked by holdout accuracy (%)"
