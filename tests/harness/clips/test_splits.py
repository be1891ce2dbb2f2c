"""Splits: fixed, saved, hashed; nothing on both sides."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clips.collection import Collection, Reading
from harness.clips.split_kinds import parse_split_kind, suggest
from harness.clips.splits import Split, read_split, verify
from harness.errors import ParameterError, SplitError, UnknownName
from harness.values import Entry


class Named:
    """Stands for a dataset where only its name is asked for."""

    name = "made-up"

    def suggest_split(self, entries):
        return ""


def collection(labels, groups=None, contents=None, sides=None):
    size = len(labels)
    groups = groups or [None] * size
    contents = contents or [f"content-{row}" for row in range(size)]
    sides = sides or [None] * size
    entries = tuple(
        Entry(f"clip-{row}", labels[row], groups[row], float(row), sides[row])
        for row in range(size)
    )
    readings = tuple(Reading(content, 100, 1, 2000.0) for content in contents)
    return Collection(Named(), entries, readings)


def two_classes(size):
    return ["a" if row % 2 else "b" for row in range(size)]


def counts(split, data, side):
    labels = data.labels
    return Counter(labels[each] for each in getattr(split, side))


def test_stratified_takes_the_sizes_asked_for():
    data = collection(two_classes(100))
    split = parse_split_kind("stratified[holdout=10,train=25]").make(data, 5)
    assert counts(split, data, "train") == {"a": 25, "b": 25}
    assert counts(split, data, "holdout") == {"a": 10, "b": 10}
    assert sorted(Counter(split.folds).values()) == [10] * 5


def test_shares_keep_the_mix_of_classes():
    data = collection(["a"] * 60 + ["b"] * 40)
    split = parse_split_kind("stratified[holdout=0.25]").make(data, 4)
    assert counts(split, data, "holdout") == {"a": 15, "b": 10}
    assert counts(split, data, "train") == {"a": 45, "b": 30}


def test_folds_keep_the_mix_of_classes():
    data = collection(["a"] * 90 + ["b"] * 30)
    split = parse_split_kind("stratified[holdout=0.2]").make(data, 4)
    labels = data.labels
    for fold in range(4):
        held = [i for i, f in zip(split.train, split.folds, strict=True) if f == fold]
        assert Counter(labels[i] for i in held) == {"a": 18, "b": 6}


@pytest.mark.parametrize("kind", ["stratified", "grouped", "blocked[block=7]"])
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_no_clip_and_no_copy_is_ever_on_both_sides(kind, data):
    size = data.draw(st.integers(60, 120))
    contents = data.draw(st.lists(st.integers(0, 90), min_size=size, max_size=size))
    groups = [f"g{row // 5}" for row in range(size)]
    made = collection(two_classes(size), groups, [f"c{c}" for c in contents])
    try:
        split = parse_split_kind(kind).make(made, 3, data.draw(st.integers(0, 5)))
    except SplitError:
        return
    held = {split.contents[i] for i in split.holdout}
    trained = {split.contents[i] for i in split.train}
    assert not held & trained
    verify(split, made)


def test_groups_never_straddle_sides_or_folds():
    groups = [f"speaker-{row // 10}" for row in range(120)]
    data = collection(two_classes(120), groups)
    split = parse_split_kind("grouped[holdout=0.25]").make(data, 3)
    of = {entry.id: entry.group for entry in data.entries}
    assert not {of[i] for i in split.train} & {of[i] for i in split.holdout}
    folds = {}
    for clip, fold in zip(split.train, split.folds, strict=True):
        folds.setdefault(of[clip], set()).add(fold)
    assert all(len(found) == 1 for found in folds.values())
    assert set(split.units) == set(split.holdout)
    assert {split.units[i] for i in split.holdout} == {of[i] for i in split.holdout}


def test_blocks_of_neighbours_stay_together():
    data = collection(two_classes(200))
    split = parse_split_kind("blocked[block=20,holdout=0.3]").make(data, 3)
    block = {entry.id: int(entry.position // 20) for entry in data.entries}
    assert not {block[i] for i in split.train} & {block[i] for i in split.holdout}


def test_copies_of_holdout_clips_leave_training_and_are_counted():
    contents = [f"c{row}" for row in range(100)]
    contents[0] = contents[99] = "the same"
    data = collection(two_classes(100), contents=contents)
    dropped = [
        parse_split_kind("blocked[block=10,holdout=0.3]").make(data, 0, number).dropped
        for number in range(20)
    ]
    assert set(dropped) == {0, 1}


def test_the_same_arguments_give_the_same_split_and_another_number_another():
    data = collection(two_classes(100))
    kind = parse_split_kind("stratified")
    assert kind.make(data, 5) == kind.make(data, 5)
    assert kind.make(data, 5, 1).holdout != kind.make(data, 5, 0).holdout
    other = parse_split_kind("stratified[seed=1]").make(data, 5)
    assert kind.make(data, 5, 1).holdout == other.holdout


def test_given_sides_are_kept():
    sides = ["train"] * 30 + ["holdout"] * 10 + [None] * 10
    data = collection(two_classes(50), sides=sides)
    split = parse_split_kind("given").make(data, 3)
    assert split.train == tuple(f"clip-{row}" for row in range(30))
    assert split.holdout == tuple(f"clip-{row}" for row in range(30, 40))


def test_the_blog_draws_as_the_blog_did():
    labels = ["right-whale" if row % 3 == 0 else "no-right-whale" for row in range(400)]
    data = collection(labels)
    split = parse_split_kind("blog[train=50,holdout=20]").make(data, 5)
    whale = [row for row in range(400) if row % 3 == 0]
    other = [row for row in range(400) if row % 3]
    random.seed(2350834243)
    whale_sample = random.sample(whale, 70)
    other_sample = random.sample(other, 70)
    expected = {f"clip-{row}" for row in (*whale_sample[-20:], *other_sample[-20:])}
    assert set(split.holdout) == expected
    trained = {f"clip-{row}" for row in (*whale_sample[:50], *other_sample[:50])}
    assert set(split.train) == trained


def test_a_saved_split_reads_back_the_same(tmp_path):
    data = collection(two_classes(60), [f"g{row // 6}" for row in range(60)])
    split = parse_split_kind("grouped").make(data, 3)
    path = tmp_path / "split.json"
    path.write_text(json.dumps(split.to_json()))
    assert read_split(path) == split
    verify(read_split(path), data)


def test_an_edited_split_is_refused(tmp_path):
    data = collection(two_classes(60))
    values = parse_split_kind("stratified").make(data, 3).to_json()
    values["train"][0], values["holdout"][0] = (
        {**values["holdout"][0], "fold": 0},
        {**values["train"][0], "unit": None},
    )
    path = tmp_path / "split.json"
    path.write_text(json.dumps(values))
    with pytest.raises(SplitError, match="changed after it was made"):
        read_split(path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": 2}', '{"schema": 1}', '{"schema": 1, "train": [1]}']
)
def test_what_is_no_split_is_refused(tmp_path, text):
    path = tmp_path / "split.json"
    path.write_text(text)
    with pytest.raises(SplitError, match=r"split\.json"):
        read_split(path)


def test_a_missing_split_is_told():
    with pytest.raises(SplitError, match="There is no split"):
        read_split(__import__("pathlib").Path("nowhere.json"))


def test_a_split_of_other_data_is_refused():
    data = collection(two_classes(60))
    split = parse_split_kind("stratified").make(data, 3)
    with pytest.raises(SplitError, match="are not in the data"):
        verify(split, collection(two_classes(30)))
    changed = collection(two_classes(60), contents=[f"other-{row}" for row in range(60)])
    with pytest.raises(SplitError, match="hold other samples"):
        verify(split, changed)
    both = Split("made", ("clip-1",), ("clip-1",), (), {"clip-1": "content-1"})
    with pytest.raises(SplitError, match="on both sides"):
        verify(both, data)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("stratified[holdout=80]", "too few"),
        ("grouped", "has no group"),
        ("given", "does not say"),
        ("blocked[block=1000]", "belong together"),
        ("blog", "the draw is of two classes"),
        ("stratified[holdout=0]", "too few"),
    ],
)
def test_impossible_splits_say_why(written, words):
    with pytest.raises(SplitError, match=words):
        parse_split_kind(written).make(collection(two_classes(100)), 5)


def test_a_misspelt_split_gets_a_hint():
    with pytest.raises(UnknownName, match="did you mean 'stratified'"):
        parse_split_kind("stratifed")
    with pytest.raises(ParameterError, match="did you mean 'block'"):
        parse_split_kind("blocked[blok=3]")


def test_the_data_suggest_their_split():
    assert suggest(collection(two_classes(4))) == "stratified"
    assert suggest(collection(two_classes(4), groups=list("xxyy"))) == "grouped"
    assert suggest(collection(two_classes(4), sides=["train", "holdout"] * 2)) == "given"
