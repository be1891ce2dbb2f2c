"""Tables and exports: readable at 80 columns, escaped, and saying what the records say."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re

import pytest
from rich.console import Console

from harness.analysis.summary import summarise
from harness.contracts import Estimate
from harness.planning.plan import Cell
from harness.planning.specs import Chain, Spec
from harness.reporting.exports.summary import to_csv, to_json, to_latex, to_markdown
from harness.reporting.tables.estimates import print_estimates
from harness.reporting.tables.glance import print_glance
from harness.reporting.tables.summary import PARTS

EVIL = ["[red]x[/red]", "=1+1", "<script>", "a|b_c&d"]


def text_of(summary, width=80):
    """Print all that there is to say in the terminal."""
    console = Console(file=io.StringIO(), width=width, no_color=True, highlight=False)
    print_glance(summary, console)
    for part in PARTS.values():
        part(summary, console)
    return console.file.getvalue()


@pytest.fixture
def summary(run_plan):
    run, _, _ = run_plan(
        representations=["levels", "spectrogram", "levels[fault=raise]"],
        classifiers=["nearest-mean", "majority"],
        note="a note",
    )
    return summarise(run)


def test_the_table_fits_80_columns_and_says_what_the_records_say(summary):
    text = text_of(summary)
    assert max(map(len, text.splitlines())) <= 80
    assert "tones (SYNTHETIC; a note): 60 clips (30 high, 30 low)" in text
    chosen = summary.choice.row
    assert chosen.representation == "spectrogram"
    assert f"{100 * chosen.accuracy:.1f}*" in text
    assert "failed: drawing failed: RuntimeError" in " ".join(text.split())
    assert "\x1b" not in text


NAMES = ("mel", "spectrogram+noise-removed+frequency-cropped", "scalogram[wavelet=morlet]")


def parts_of(*names):
    """Cut names where they may break."""
    return {part for name in names for part in re.split(r"(?=\+)|(?<=[-\[=,])", name) if part}


@pytest.mark.parametrize("width", [40, 50, 60, 80, 200])
def test_no_name_is_broken_inside_a_word(summary, width):
    (row,) = (row for row in summary.rows if row.title == "spectrogram × nearest-mean")
    rows = tuple(
        dataclasses.replace(
            row, representation=name, classifier=f"classifier{number}", letters="abc"
        )
        for name in NAMES
        for number in range(9)
    )
    choice = dataclasses.replace(summary.choice, row=rows[0], highest=rows[0], others=26)
    text = text_of(dataclasses.replace(summary, rows=rows, choice=choice), width)
    assert max(map(len, text.splitlines())) <= width
    words = {word.strip("().,:") for word in text.split()}
    broken = [part for part in parts_of(*NAMES) if not any(part.strip("],[=-") in w for w in words)]
    assert not broken
    ranked = text.partition("Ranked\n")[2] or text.partition("Ranked ")[2]
    assert all(f"classifier{number}" in ranked for number in range(9))


def test_a_narrow_ranking_says_what_it_leaves_out(summary):
    narrow = " ".join(text_of(summary, 40).split())
    assert "Left out, for the terminal is narrow: AUC, fit s, ms/clip, ties" in narrow
    assert "Left out" not in text_of(summary, 120)


def test_controls_are_never_chosen(summary):
    assert not summary.choice.row.control
    assert {row.classifier for row in summary.rows if row.letters} == {"nearest-mean"}


def test_rows_that_differ_share_no_letter(run_plan):
    run, _, _ = run_plan(
        dataset="tones[clips=240]", representations=["levels", "spectrogram"], folds=0
    )
    found = summarise(run)
    plain, noisy = found.row("spectrogram", "nearest-mean"), found.row("levels", "nearest-mean")
    assert plain.accuracy > noisy.accuracy + 0.2
    assert not set(plain.letters) & set(noisy.letters)
    (gain,) = found.gains
    assert (gain.representation, gain.verdict) == ("levels", "worse")
    assert gain.high < 0
    assert found.choice.side == "holdout"
    assert found.choice.corrected.estimate <= found.choice.row.accuracy + 0.01
    assert "Picked on the holdout, as there are no folds" in text_of(found, 200)


def test_the_json_has_the_promised_schema(summary):
    values = json.loads(to_json(summary))
    assert values["schema"] == 1
    assert values["dataset"]["synthetic"] is True
    cell = next(c for c in values["cells"] if c["status"] == "ok" and not c["control"])
    assert {"accuracy", "folds"} <= cell["cv"].keys()
    assert {"n", "accuracy", "low", "high", "balanced_accuracy", "macro_f1", "roc_auc"} <= cell[
        "holdout"
    ].keys()
    assert cell["holdout"]["confusion"]["labels"] == ["high", "low"]
    assert cell["coverage"] == 1.0
    assert cell["seconds"]["fit"]["total_s"] > 0
    choice = values["choice"]
    assert (choice["representation"], choice["classifier"]) == ("spectrogram", "nearest-mean")
    assert (choice["side"], choice["by"], choice["corrected"]) == ("cv", "accuracy", None)
    assert choice["value"] == cv_of(values, choice)
    assert (values["planned"], values["finished"], values["damaged"]) == (6, 4, [])
    failed = [c for c in values["cells"] if c["status"] == "failed"]
    assert len(failed) == 2
    assert all("cannot draw" in c["reason"] for c in failed)


def cv_of(values, named):
    """Find the cross-validated accuracy of a cell in the JSON."""
    (cell,) = (
        each
        for each in values["cells"]
        if each["representation"] == named["representation"]
        and each["classifier"] == named["classifier"]
    )
    return cell["cv"]["accuracy"]


def test_the_csv_has_a_row_a_cell(summary):
    rows = list(csv.DictReader(io.StringIO(to_csv(summary))))
    assert len(rows) == 6
    assert {row["synthetic"] for row in rows} == {"True"}


def test_names_from_outside_are_text_in_every_format(run_plan):
    labels = ",".join(EVIL)
    run, _, _ = run_plan(
        dataset=f"tones[labels='{labels}',clips=80]", note="=cmd|'/C calc'!A0 <b>[bold]\x1b[31m"
    )
    found = summarise(run)
    text = text_of(found, 200)
    assert "[red]x[/red]" in text
    assert "\x1b" not in text
    for cell in (cell for row in csv.reader(io.StringIO(to_csv(found))) for cell in row):
        assert not cell.startswith(("=", "+", "@"))
    markdown = to_markdown(found)
    assert "<script>" not in markdown
    assert "<b>" not in markdown
    assert r"a\|b\_c&amp;d" in markdown
    latex = to_latex(found)
    assert r"a|b\_c\&d" in latex
    assert json.loads(to_json(found))["dataset"]["classes"].keys() == set(EVIL)


def test_repeated_splits_show_their_spread(run_plan):
    run, _, _ = run_plan(splits=3, representations=["spectrogram", "levels"])
    found = summarise(run)
    row = found.row("levels", "nearest-mean")
    assert len(row.spread.values) == 3
    assert row.about == "new splits (3 here)"
    assert row.low <= row.accuracy <= row.high
    assert "Between repetitions" in text_of(found)
    assert 0 <= row.low <= row.high <= 1


def test_a_learning_curve_is_shown(run_plan):
    run, _, _ = run_plan(train_sizes=[6, 12], representations=["spectrogram"])
    found = summarise(run)
    (curve,) = found.curves
    assert [point.size for point in curve.curve.points] == [6, 12, 42]
    assert "Learning curve: spectrogram × nearest-mean" in text_of(found)


def test_estimates_add_up():
    cells = [Cell(Chain(Spec("mel")), Spec("svc"), split) for split in range(2)]
    each = Estimate(pictures=100, bytes_sent=2_000_000, calls=130, paid_calls=100, minutes=1.5)
    console = Console(file=io.StringIO(), width=80)
    print_estimates(dict.fromkeys(cells, each), 5.0, console)
    lines = console.file.getvalue().splitlines()
    assert [word for word in lines[-1].split() if word != "all"] == [
        "200", "4.0", "260", "3.0", "1.00",
    ]  # fmt: skip
