from __future__ import annotations

import json
import shutil

import pytest

from harness.errors import StoreError
from harness.results.keeping import merge, plan_removal, remove
from harness.results.store import list_runs


@pytest.fixture
def two(run_plan, tmp_path):
    """Run two commands that share a cell; return both runs and the results folder."""
    first, _, _ = run_plan(classifiers=["nearest-mean", "majority"])
    second, _, _ = run_plan(classifiers=["majority"], representations=["levels", "spectrogram"])
    return first, second, tmp_path / "results"


def test_what_another_run_asked_for_stays(two):
    first, second, results = two
    removal = plan_removal(first)
    assert (len(removal.folders), removal.shared, removal.whole) == (1, 1, False)
    remove(removal)
    assert [run.name for run in list_runs(results)] == [second.name]
    assert len(second.records()) == 2
    assert json.loads((second.folder / "plan.json").read_text())["classifiers"] == ["majority"]


def test_the_last_run_takes_its_folder_along(two):
    first, second, results = two
    remove(plan_removal(second))
    removal = plan_removal(first)
    assert removal.whole
    remove(removal)
    assert list(results.iterdir()) == []


def test_where_another_run_cannot_be_read_nothing_is_removed(two):
    first, second, _ = two
    (second.folder / "runs" / f"{second.asked.key}.json").write_text("{}")
    with pytest.raises(StoreError, match="another schema"):
        plan_removal(first)
    assert len(first.records()) == 2


def test_a_cell_that_is_being_worked_on_keeps_its_run(two):
    first, _second, _ = two
    removal = plan_removal(first)
    with first.alone_with(next(iter(first.cells))), pytest.raises(StoreError, match="worked on"):
        remove(removal)
    assert len(first.records()) == 2


def test_a_link_is_not_removed(two, tmp_path):
    first, _, _results = two
    elsewhere = tmp_path / "elsewhere"
    first.folder.rename(elsewhere)
    first.folder.symlink_to(elsewhere)
    with pytest.raises(StoreError, match="is a link"):
        plan_removal(first)


def test_merging_takes_everything_once(two, tmp_path):
    first, second, results = two
    merged = merge(tmp_path / "mine", results)
    assert (len(merged.runs), merged.cells, merged.refused) == (2, 3, [])
    runs = {run.name: run for run in list_runs(tmp_path / "mine")}
    assert set(runs) == {first.name, second.name}
    for run in (first, second):
        assert runs[run.name].records() == run.records()
        assert runs[run.name].splits() == run.splits()
    again = merge(tmp_path / "mine", results)
    assert (again.runs, again.cells, again.refused) == ([], 0, [])
    assert again.known == 4


def test_merging_adds_to_the_table_that_is_there(two, tmp_path):
    first, _second, results = two
    other = tmp_path / "other"
    shutil.copytree(results, other)
    remove(plan_removal(first))
    merged = merge(results, other)
    assert (merged.runs, merged.cells) == ([first.name], 1)
    assert len(list_runs(results)) == 2


def _spoil_predictions(cell):
    file = cell / "predictions.csv"
    file.write_text(file.read_text().replace("low", "high", 1))


def _link_record(cell):
    kept = cell.parent.parent / "kept.json"
    (cell / "record.json").rename(kept)
    (cell / "record.json").symlink_to(kept)


def _rename(cell):
    cell.rename(cell.with_name(cell.name[:-1] + ("0" if cell.name[-1] != "0" else "1")))


@pytest.mark.parametrize("spoil", [_spoil_predictions, _link_record, _rename])
def test_what_is_not_sound_is_not_taken(run_plan, tmp_path, spoil):
    run, _, _ = run_plan(classifiers=["nearest-mean", "majority"])
    spoil(run.kept(next(iter(run.cells))).folder)
    merged = merge(tmp_path / "mine", tmp_path / "results")
    assert merged.cells == 1


@pytest.mark.parametrize("name", ["../../../out__0", "/etc", ".hidden", "a/b"])
def test_paths_of_a_stranger_stay_inside(run_plan, tmp_path, name):
    run, _, _ = run_plan()
    (path,) = (run.folder / "runs").glob("*.json")
    values = json.loads(path.read_text())
    values["cells"][0]["folder"] = name
    path.write_text(json.dumps(values))
    merged = merge(tmp_path / "mine", tmp_path / "results")
    assert merged.cells == 0
    assert merged.refused
    assert not (tmp_path / "mine").exists()


def test_a_folder_without_runs_is_told(tmp_path):
    with pytest.raises(StoreError, match="no runs"):
        merge(tmp_path / "mine", tmp_path)
