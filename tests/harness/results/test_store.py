"""Results on disk: whole or not there, read back exactly, never obeyed as formulas."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import StoreError
from harness.planning.plan import Cell, Plan
from harness.planning.specs import Chain, Spec
from harness.results.predictions import (
    PredictionTable,
    read_predictions,
    shield,
    unshield,
    write_predictions,
)
from harness.results.record import Record, SideCounts
from harness.results.scores import score
from harness.results.store import Run, find_run, list_runs, open_run
from harness.values import Predictions

CELL = Cell(Chain(Spec("mel", (("n_mels", 32),)), (Spec("noise-removed"),)), Spec("pca-svm"))
PLAN = Plan("whales", Spec("upcalls"), (CELL.representation,), (CELL.classifier,)).written()
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


def table(ids=("x", "y"), true=("a", "b"), labels=("a", None), classes=("a", "b")):
    scores = np.full((len(ids), len(classes)), 1 / len(classes))
    scores[[row for row, label in enumerate(labels) if label is None]] = np.nan
    said = Predictions(tuple(ids), tuple(labels), tuple(classes), scores)
    return PredictionTable(("cv",) * len(ids), tuple(range(len(ids))), tuple(true), said)


def record(status="ok"):
    scores = score(table().true, table().predictions)
    return Record(cell=CELL, status=status, holdout=scores, clips=SideCounts(4, 2))


def same(first, second):
    assert first.sides == second.sides
    assert first.folds == second.folds
    assert first.true == second.true
    assert first.predictions.ids == second.predictions.ids
    assert first.predictions.labels == second.predictions.labels
    assert first.predictions.classes == second.predictions.classes
    np.testing.assert_array_equal(first.predictions.scores, second.predictions.scores)


@given(text=TEXT)
def test_shielding_is_undone(text):
    assert unshield(shield(text)) == text
    assert not shield(text).startswith(("=", "+", "-", "@"))


@given(names=st.lists(TEXT, min_size=2, max_size=5, unique=True), data=st.data())
@settings(max_examples=40, deadline=None)
def test_predictions_read_back_exactly(tmp_path_factory, names, data):
    ids = data.draw(st.lists(TEXT, min_size=1, max_size=6))
    numbers = st.floats(0, 1, allow_nan=False)
    row = st.lists(numbers, min_size=len(names), max_size=len(names))
    scores = np.array([data.draw(row) for _ in ids])
    classes = tuple(sorted(names))
    labels = tuple(data.draw(st.sampled_from(classes)) for _ in ids)
    said = Predictions(tuple(ids), labels, classes, scores)
    first = PredictionTable(("holdout",) * len(ids), (None,) * len(ids), labels, said)
    path = tmp_path_factory.mktemp("predictions") / "predictions.csv"
    write_predictions(path, first)
    same(read_predictions(path), first)


def test_a_failed_prediction_reads_back_as_failed(tmp_path):
    write_predictions(tmp_path / "p.csv", table())
    again = read_predictions(tmp_path / "p.csv")
    same(again, table())
    assert again.predictions.labels == ("a", None)


def test_no_cell_of_the_csv_begins_a_formula(tmp_path):
    evil = ("=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx")
    write_predictions(tmp_path / "p.csv", table(evil, evil, ("=1",) * 5, ("=1", "@SUM(A1)")))
    with (tmp_path / "p.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


HEAD = "side,fold,id,label,predicted,score a"


@pytest.mark.parametrize("text", ["", "side,fold\ncv", f"{HEAD}\ncv,x,1,a,a,1"])
def test_damaged_predictions_are_told(tmp_path, text):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(StoreError, match=r"p\.csv"):
        read_predictions(tmp_path / "p.csv")


def test_a_record_reads_back_the_same(tmp_path):
    run = Run(tmp_path / "run")
    run.keep("plan.json", PLAN)
    run.finish(record(), table())
    assert run.record(CELL) == record()
    assert run.records() == [record()]
    same(run.predictions(CELL), table())


def test_a_second_attempt_stands_beside_the_first(tmp_path):
    run = Run(tmp_path / "run")
    run.keep("plan.json", PLAN)
    run.finish(Record(cell=CELL, status="failed", reason="for a reason"), traceback="the trace")
    first = run.folder / "cells" / CELL.slug / "record.json"
    before = first.read_bytes()
    assert run.traceback(CELL).read_text() == "the trace"
    for _ in range(10):
        run.finish(record())
    assert first.read_bytes() == before
    assert run.record(CELL).status == "ok"
    assert run.attempts(CELL) == 11
    assert len(run.records()) == 1


def test_what_is_written_is_never_written_over(tmp_path):
    run = Run(tmp_path)
    run.keep("plan.json", PLAN)
    run.keep("plan.json", {"other": True})
    assert run.plan() == PLAN


def test_a_cell_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "cells").write_text("in the way")
    with pytest.raises(StoreError, match="--results"):
        Run(tmp_path).finish(record())
    assert [path.name for path in tmp_path.iterdir()] == ["cells"]


def test_the_same_key_goes_on_and_fresh_begins_anew(tmp_path):
    first = open_run(tmp_path, "whales", "abc")
    assert open_run(tmp_path, "whales", "abc") == first
    second = open_run(tmp_path, "whales", "abc", fresh=True)
    third = open_run(tmp_path, "whales", "abc", fresh=True)
    assert len({first, second, third}) == 3
    assert open_run(tmp_path, "whales", "abc") == third
    assert open_run(tmp_path, "whales", "xyz") not in (first, second, third)


def test_runs_are_found_by_folder_name_and_part(tmp_path):
    names = (("whales", "k1"), ("birds", "k2"), ("whales-curve", "k3"))
    made = {key: open_run(tmp_path, name, key) for name, key in names}
    for run in made.values():
        run.keep("plan.json", PLAN)
    assert find_run(tmp_path, None) in made.values()
    assert find_run(tmp_path, "whales") == made["k1"]
    assert find_run(tmp_path, made["k2"].name) == made["k2"]
    assert find_run(tmp_path, str(made["k2"].folder)) == made["k2"]
    assert set(list_runs(tmp_path)) == set(made.values())
    with pytest.raises(StoreError, match="No run"):
        find_run(tmp_path, "fish")
    with pytest.raises(StoreError, match="More than one"):
        find_run(tmp_path, "k")
    with pytest.raises(StoreError, match="There are no runs"):
        find_run(tmp_path / "empty", None)


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 2}'])
def test_a_damaged_record_is_told(tmp_path, text):
    run = Run(tmp_path)
    run.finish(record())
    (tmp_path / "cells" / CELL.slug / "record.json").write_text(text)
    with pytest.raises(StoreError, match=r"record\.json"):
        run.record(CELL)


def test_a_record_without_its_fields_is_told(tmp_path):
    with pytest.raises(StoreError, match=r"here is damaged: .*representation: Field required"):
        Record.from_json({"schema": 1}, "here")


def test_json_has_no_numbers_that_other_programs_cannot_read(tmp_path):
    run = Run(tmp_path)
    with pytest.raises(ValueError, match="Out of range"):
        run.keep("x.json", {"value": float("nan")})
