"""Splits inside a training side: its folds are held out, the holdout is not there."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clips.inside import inside_of
from harness.clips.split_kinds import parse_split_kind
from harness.clips.splits import verify
from harness.errors import SplitError
from harness.values import Entry
from tests.harness.clips.test_folding import all_splits, collected

KINDS = ("stratified", "grouped", "blocked[block=8]", "folds[count=3]", "given")


def clips(count: int = 96):
    return collected(
        [
            Entry(
                f"{n}", "ab"[n % 2], f"g{n // 6}", float(n), side="holdout" if n < 12 else "train"
            )
            for n in range(count)
        ]
    )


@given(st.sampled_from(KINDS), st.integers(0, 1), st.integers(2, 5))
@settings(max_examples=30, deadline=None)
def test_each_training_clip_is_held_out_once_and_the_holdout_never_occurs(of, number, count):
    data = clips()
    outer = parse_split_kind(of).make(data, count, number)
    splits = all_splits(inside_of(of, number, outer).written(), data)
    assert len(splits) == outer.fold_count
    held = Counter(id for split in splits for id in split.holdout)
    assert held == dict.fromkeys(outer.train, 1)
    folds = dict(zip(outer.train, outer.folds, strict=True))
    for fold, split in enumerate(splits):
        assert not set(split.contents) & set(outer.holdout)
        assert {folds[id] for id in split.holdout} == {fold}
        assert set(split.train) | set(split.holdout) == set(outer.train)
        assert split.each_once
        verify(split, data)


def test_statistics_draw_the_units_of_the_outer_split():
    data = clips()
    outer = parse_split_kind("blocked[block=8]").make(data, 3)
    for split in all_splits("inside[of='blocked[block=8]',count=3]", data):
        assert split.units == {id: str(int(id) // 8) for id in split.holdout}
    assert outer.units.keys().isdisjoint(split.units)


def test_of_a_saved_split_its_own_folds_are_held_out(tmp_path: Path):
    data = clips()
    outer = parse_split_kind("grouped[seed=3]").make(data, 4)
    path = tmp_path / "split.json"
    path.write_text(json.dumps(outer.to_json()))
    splits = all_splits(inside_of(str(path), 0, outer).written(), data)
    assert [set(split.holdout) for split in splits] == [
        {id for id, own in zip(outer.train, outer.folds, strict=True) if own == fold}
        for fold in range(4)
    ]
    assert set(splits[0].units.values()) <= {f"g{n}" for n in range(16)}


def test_without_folds_there_is_nothing_to_hold_out(tmp_path: Path):
    data = clips()
    outer = parse_split_kind("stratified").make(data, 0)
    with pytest.raises(SplitError, match="no folds inside training"):
        inside_of("stratified", 0, outer)
    path = tmp_path / "split.json"
    path.write_text(json.dumps(outer.to_json()))
    with pytest.raises(SplitError, match="has no folds"):
        all_splits(f"inside[of='{path}']", data)
