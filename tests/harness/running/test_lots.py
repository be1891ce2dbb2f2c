"""A classifier is given no more clips than it says it can hold, and the record tells."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.summary import summarise
from harness.columns.values import Coded
from harness.registry.discovery import load
from harness.reporting.wording import summary as wording
from harness.running import cell as running
from harness.running.lots import drawn_by_lot
from harness.running.workers import work_here

CLASSES = st.lists(st.sampled_from("abc"), min_size=1, max_size=200)


@given(CLASSES, st.integers(3, 60), st.integers(0, 9))
def test_lots_keep_the_shares_of_classes_and_the_order(classes, most, seed):
    rows = np.arange(len(classes))
    drawn = drawn_by_lot(rows, Coded.of(classes), most, (seed, 0)).tolist()
    assert len(drawn) == min(most, len(classes))
    assert drawn == sorted(set(drawn))
    assert drawn == drawn_by_lot(rows, Coded.of(classes), most, (seed, 0)).tolist()
    there, taken = Counter(classes), Counter(classes[row] for row in drawn)
    assert set(taken) == set(there)
    for name, count in there.items():
        assert abs(taken[name] - count * len(drawn) / len(classes)) <= 2


def test_all_are_given_where_nothing_is_said():
    rows = np.array([3, 1, 2])
    assert drawn_by_lot(rows, Coded.of("aabb"), None, (0, 0)) is rows
    assert drawn_by_lot(rows, Coded.of("aabb"), 3, (0, 0)) is rows


def test_a_record_says_how_many_of_how_many_were_learnt_from(run_plan):
    run, records, _ = run_plan(classifiers=["few-means", "nearest-mean"])
    few, other = sorted(records, key=lambda record: str(record.cell.classifier))
    assert (few.learnt, few.clips.train) == (20, 42)
    assert few.seconds["fit"].clips == 4 * 20
    assert (other.learnt, other.seconds["fit"].clips) == (None, 3 * 28 + 42)
    assert run.record(few.cell).learnt == 20
    assert list(wording.lots(summarise(run))) == [
        "few-means learnt from 20 of 42 training clips, drawn by lot."
    ]


@pytest.mark.parametrize("size", [1, 7, 18])
def test_asking_in_parts_changes_no_prediction(run_plan, monkeypatch, size):
    with work_here() as here:
        _, (whole,), _ = run_plan(pool=here)
        monkeypatch.setattr(running, "ASKED_AT_ONCE", size)
        _, (parts,), _ = run_plan(pool=here, fresh_results="again")
    assert parts.predictions == whole.predictions


def test_every_built_in_says_how_many_clips_it_holds():
    """What is held of the clips that are learnt from is bounded, however many there are."""
    catalogue = load().catalogue
    said = {
        name: catalogue.find("classifier", name).most_clips
        for name in catalogue.names("classifier")
        if hasattr(catalogue.find("classifier", name), "most_clips")
    }
    assert {name for name, most in said.items() if most is None} == {
        "answers", "bookkeeping", "majority",
    }, "of a clip these hold a few numbers or nothing"  # fmt: skip
    assert all(most <= 100_000 for most in said.values() if most is not None)
