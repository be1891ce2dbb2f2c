"""Results on disk: whole or not there, read back exactly, never obeyed as formulas."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clips.splits import Split
from harness.columns.strings import Strings
from harness.columns.values import Coded
from harness.errors import SplitError, StoreError
from harness.files.documents import read_document, read_values, write_document
from harness.measuring.environment import Environment
from harness.planning.plan import Cell, Plan
from harness.planning.specs import Chain, Spec
from harness.planning.ways import SIGNAL
from harness.results.asked import Asked
from harness.results.clips import ClipsAbout
from harness.results.identity import Made, folder_name
from harness.results.predictions import (
    PredictionTable,
    clips_text,
    prediction_text,
    read_predictions,
    shield,
    unshield,
)
from harness.results.record import Record, SideCounts
from harness.results.scores import score
from harness.results.store import Run, elsewhere, everything, find_run, list_runs, open_table
from harness.values import PictureSettings, Predictions

CELL = Cell(Chain(Spec("mel", (("n_mels", 32),)), (Spec("noise-removed"),)), Spec("pca-svm"))
PLAN = Plan("whales", Spec("upcalls"), (CELL.representation,), (CELL.classifier,)).written()
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


def table(ids=("x", "y"), true=("a", "b"), labels=("a", None), classes=("a", "b")):
    scores = np.full((len(ids), len(classes)), 1 / len(classes))
    scores[[row for row, label in enumerate(labels) if label is None]] = np.nan
    said = Predictions(tuple(ids), tuple(labels), tuple(classes), scores)
    return PredictionTable(("holdout",) * len(ids), (None,) * len(ids), tuple(true), said)


def put(path, predictions):
    path.write_bytes(prediction_text(predictions).encode())


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
    put(path, first)
    same(read_predictions(path), first)


def test_a_failed_prediction_reads_back_as_failed(tmp_path):
    put(tmp_path / "p.csv", table())
    again = read_predictions(tmp_path / "p.csv")
    same(again, table())
    assert again.predictions.labels == ("a", None)


def test_no_cell_of_the_csv_begins_a_formula(tmp_path):
    evil = ("=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx")
    put(tmp_path / "p.csv", table(evil, evil, ("=1",) * 5, ("=1", "@SUM(A1)")))
    with (tmp_path / "p.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


HEAD = "side,fold,id,label,predicted,score a"


@pytest.mark.parametrize(
    "row", ["cv,x,1,a,a,1", "cv,0,1,a,a,one", "cv,0,1,a", "cv,0,1,a,a,1\ncv,0,2,a,a,1,1"]
)
def test_damaged_rows_of_predictions_are_told(tmp_path, row):
    (tmp_path / "p.csv").write_text(f"{HEAD}\n{row}")
    with pytest.raises(StoreError, match=r"p\.csv"):
        read_predictions(tmp_path / "p.csv")


def test_a_class_without_a_name_is_told_from_a_failed_prediction(tmp_path):
    rows = "cv,0,1,a,,0.6,0.4\ncv,0,2,a,,,\ncv,0,'3,a,a,0.4,0.6"
    (tmp_path / "p.csv").write_text(f"side,fold,id,label,predicted,score ,score a\n{rows}")
    again = read_predictions(tmp_path / "p.csv")
    assert again.predictions.labels == ("", None, "a")
    assert again.predictions.ids == ("1", "2", "3")


@pytest.mark.parametrize("text", ["", "side,fold\ncv", HEAD.replace(",predicted", "")])
def test_damaged_predictions_are_told(tmp_path, text):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(StoreError, match=r"p\.csv"):
        read_predictions(tmp_path / "p.csv")


def test_a_record_reads_back_the_same(tmp_path):
    run = Run(tmp_path / "run")
    write_document(run.folder / "plan.json", PLAN)
    kept = run.finish(record(), table())
    assert dataclasses.replace(kept, predictions="") == record()
    assert run.record(CELL) == kept
    assert run.records() == [kept]
    same(run.predictions(CELL), table())


def test_a_second_attempt_stands_beside_the_first(tmp_path):
    run = Run(tmp_path / "run")
    write_document(run.folder / "plan.json", PLAN)
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


def test_a_cell_that_cannot_be_written_is_told(tmp_path):
    run = ask(tmp_path)
    (run.folder / "cells").write_text("in the way")
    before = sorted(run.folder.iterdir())
    with pytest.raises(StoreError, match="--results"):
        run.finish(record())
    assert sorted(run.folder.iterdir()) == before


def about(count=4):
    return ClipsAbout(
        "upcalls", "", "0" * 64, True, count, {"a": 2, "b": 2}, 0, (100.0,), 1.0, 1.0, ()
    )


SPLIT = Split("given", ("x",), ("y",), (), {"x": "1", "y": "2"})
NOBODY = (Strings.of(()), Coded.of(()), Coded.of(()), Strings.of(()))
"""No clips, in columns."""
HERE = Environment("3", "system", "abacus", "beads", 1, 1, {})


def made(**changes):
    values = {"clips": "c", "split": SPLIT.digest(), "drawing": "d", "classifier": "k", "seed": 0}
    return Made(**{**values, "train_size": None, **changes})


def ask(folder, name="whales", clips="0" * 64, cells=None, note="", **pictures):
    plan = Plan(name, Spec("upcalls"), (CELL.representation,), (CELL.classifier,), note=note)
    plan = dataclasses.replace(plan, picture=PictureSettings(**pictures))
    cells = {CELL: made()} if cells is None else cells
    folders = {cell: folder_name(cell, each) for cell, each in cells.items()}
    table = open_table(folder, name, clips)
    table.describe(about(), clips_text(*NOBODY))
    return table.ask(Asked.of(plan, [SPLIT], folders, HERE), [SPLIT])


def test_the_same_clips_are_one_table(tmp_path):
    first = open_table(tmp_path, "whales", "abc")
    assert open_table(tmp_path, "whales", "abc") == first
    assert open_table(tmp_path, "other", "abc") == first
    assert open_table(tmp_path, "whales", "xyz") != first


def test_what_was_asked_reads_back(tmp_path):
    run = ask(tmp_path)
    assert find_run(tmp_path, None).asked == run.asked
    assert run.split(0) == SPLIT
    assert run.clips() == about()
    assert run.environment() == HERE
    assert run.plan() == run.asked.plan


def test_a_result_is_found_by_what_made_it_whichever_command_asked(tmp_path):
    first = ask(tmp_path)
    first.finish(record(), table())
    assert ask(tmp_path, note="another remark").record(CELL).status == "ok"
    for change in ("clips", "split", "drawing", "classifier"):
        assert ask(tmp_path, cells={CELL: made(**{change: "other"})}).record(CELL) is None
    assert ask(tmp_path, cells={CELL: made(seed=1)}).record(CELL) is None
    assert ask(tmp_path, cells={CELL: made(train_size=5)}).record(CELL) is None


def test_a_result_is_found_in_the_folder_of_other_clips(tmp_path):
    first = ask(tmp_path)
    first.finish(record(), table())
    other = ask(tmp_path, clips="1" * 64)
    names = list(other.cells.values())
    found = elsewhere(tmp_path, other.folder, names)
    assert list(found) == names
    other.shelf.adopt(names[0], found[names[0]])
    assert other.record(CELL) == first.record(CELL)
    same(other.predictions(CELL), table())


def test_everything_on_the_same_split_stands_in_one_table(tmp_path):
    other = Cell(Chain(Spec("spectrogram")), Spec("pca-svm"))
    first = ask(tmp_path, cells={other: made(drawing="s")})
    first.finish(dataclasses.replace(record(), cell=other, made=made(drawing="s")), table())
    stranger = ask(tmp_path, cells={other: made(split="of another")})
    stranger.finish(
        dataclasses.replace(record(), cell=other, made=made(split="of another")), table()
    )
    run = ask(tmp_path)
    run.finish(dataclasses.replace(record(), made=made()), table())
    assert [each.cell for each in run.records()] == [CELL]
    assert {each.cell for each in everything(run).records()} == {CELL, other}
    assert len(everything(run).cells) == 2
    assert run.name.startswith(f"{everything(run).name}:")
    assert find_run(tmp_path, everything(run).name).folder == run.folder


@pytest.mark.parametrize("pictures", [{"height": 64, "width": 64}, {"colours": "grey"}], ids=str)
def test_cells_on_other_pictures_are_another_comparison(tmp_path, pictures):
    other = Cell(Chain(Spec("spectrogram")), Spec("pca-svm"))
    heard = Cell(SIGNAL, Spec("minirocket"))
    cells = {other: made(drawing="s"), heard: made(drawing="signal")}
    strange = ask(tmp_path, cells=cells, **pictures)
    for cell, what in cells.items():
        strange.finish(dataclasses.replace(record(), cell=cell, made=what), table())
    run = ask(tmp_path)
    run.finish(dataclasses.replace(record(), made=made()), table())
    assert {each.cell for each in everything(run).records()} == {CELL, heard}
    assert {each.cell for each in everything(strange).records()} == {other, heard}
    ask(tmp_path, cells=cells, note="the same cells, asked for as the run's are")
    assert {each.cell for each in everything(run).records()} == {CELL, other, heard}


def test_a_failure_never_hides_a_result(tmp_path):
    run = ask(tmp_path)
    run.finish(record(), table())
    run.finish(Record(cell=CELL, status="failed", reason="later"))
    assert run.record(CELL).status == "ok"
    assert run.attempts(CELL) == 2


def test_runs_are_found_by_folder_name_and_part(tmp_path):
    names = (("whales", "k1"), ("birds", "k2"), ("whales-curve", "k3"))
    runs = {key: ask(tmp_path, name, key) for name, key in names}
    assert find_run(tmp_path, None) == runs["k3"]
    assert find_run(tmp_path, "whales") == runs["k1"]
    assert find_run(tmp_path, runs["k2"].name) == runs["k2"]
    assert find_run(tmp_path, str(runs["k2"].folder)) == runs["k2"]
    assert list_runs(tmp_path) == list(runs.values())
    with pytest.raises(StoreError, match="No run"):
        find_run(tmp_path, "fish")
    with pytest.raises(StoreError, match="More than one"):
        find_run(tmp_path, "k")
    with pytest.raises(StoreError, match="There are no runs"):
        find_run(tmp_path / "empty", None)


def cut(path):
    path.write_bytes(path.read_bytes()[:40])


def zero(path):
    path.write_bytes(bytes(path.stat().st_size))


def edit(path):
    path.write_text(path.read_text().replace("0.5", "0.9").replace(",a,,", ",a,a,"))


@pytest.mark.parametrize("name", ["record.json", "predictions.csv"])
@pytest.mark.parametrize("harm", [cut, zero, edit, lambda p: p.write_bytes(b""), Path.unlink])
def test_what_is_damaged_counts_as_absent_and_is_named(tmp_path, name, harm):
    run = ask(tmp_path)
    run.finish(record(), table())
    path = run.folder / "cells" / run.cells[CELL] / name
    harm(path)
    assert run.record(CELL) is None
    assert run.records() == []
    (line,) = run.damaged()
    assert name in line
    with pytest.raises(StoreError, match="holds no predictions"):
        run.predictions(CELL)
    run.finish(record(), table())
    assert run.record(CELL).status == "ok"


def test_two_cells_whose_folders_change_names_are_both_named_and_neither_is_shown(run_plan):
    run, _, _ = run_plan(classifiers=["nearest-mean", "majority"])
    one, other = (run.folder / "cells" / name for name in run.cells.values())
    one.rename(run.folder / "aside")
    other.rename(one)
    (run.folder / "aside").rename(other)
    assert run.records() == []
    assert len(run.damaged()) == 2
    assert "was renamed: it holds the results of levels × majority" in run.damaged()[0]


@pytest.mark.parametrize(
    "name", ["{}~", "{}~x", "{}~1", "~", ".hidden", "{} copy", "Thumbs.db", "{}~2~3"]
)
def test_what_others_leave_among_the_cells_is_not_ours(tmp_path, name):
    run = ask(tmp_path)
    run.finish(record(), table())
    stray = run.folder / "cells" / name.format(run.cells[CELL])
    stray.mkdir()
    assert run.record(CELL).status == "ok"
    assert run.damaged() == []
    run.finish(record(), table())
    assert run.attempts(CELL) == 2
    assert everything(run).record(CELL).status == "ok"


@pytest.mark.parametrize("file", ["data.json", "plan.json", "environment.json"])
def test_a_damaged_document_is_written_again_by_the_next_start(tmp_path, file):
    run = ask(tmp_path)
    (run.folder / file).write_text("{")
    if file != "data.json":
        assert find_run(tmp_path, None).plan() == run.plan()
        return
    with pytest.raises(StoreError, match=r"data\.json"):
        run.clips()
    assert ask(tmp_path).clips() == about()


def test_a_split_that_was_changed_is_refused_and_made_again(tmp_path):
    run = ask(tmp_path)
    path = run.split_file(0)
    path.write_text(path.read_text().replace('"y"', '"z"'))
    with pytest.raises(SplitError, match="changed after it was made"):
        Run(run.folder, run.asked).split(0)
    again = ask(tmp_path)
    assert Run(again.folder, again.asked).split(0) == SPLIT


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("splits", [], "a cell is of split 0, of 0 splits"),
        (
            "splits",
            ["../../../etc/passwd"],
            r"'\.\./\.\./\.\./etc/passwd' is not the digest of a split",
        ),
        ("cells", {"split": -1}, "a cell is of split -1, of 1 splits"),
        ("cells", {"folder": "../x"}, r"'\.\./x' cannot be the folder of a cell"),
        ("cells", {"folder": ""}, "'' cannot be the folder of a cell"),
    ],
)
def test_what_was_asked_must_fit_together(tmp_path, field, value, said):
    run = ask(tmp_path)
    path = run.folder / "runs" / f"{run.asked.key}.json"
    values = read_values(path)
    values[field] = [{**values["cells"][0], **value}] if field == "cells" else value
    write_document(path, values)
    with pytest.raises(StoreError, match=rf"is damaged: {said}\."):
        read_document(Asked, path)


def test_a_record_without_its_fields_is_told(tmp_path):
    with pytest.raises(StoreError, match=r"here is damaged: .*representation: Field required"):
        Record.from_json({"schema": 1}, "here")
