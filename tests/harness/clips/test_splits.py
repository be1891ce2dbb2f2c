"""Splits: fixed, saved, hashed; nothing on both sides."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pickle
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clips.collection import Collection
from harness.clips.readings import Reading, Readings
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
    readings = Readings.of(Reading(content, 100, 1, 2000.0) for content in contents)
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


@pytest.mark.parametrize("name", ["stratified", "grouped", "blocked"])
def test_the_third_of_several_splits_is_that_of_its_seed_with_its_folds(name):
    labels = two_classes(60)
    data = collection(labels, [f"site-{row % 12}" for row in range(len(labels))])
    size = "block=5," if name == "blocked" else ""
    first, third = (parse_split_kind(f"{name}[{size}seed={seed}]") for seed in (0, 2))
    assert third.make(data, 4) == first.make(data, 4, 2)


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


@pytest.mark.parametrize("place", ["train id", "train content", "train fold", "holdout id",
                                   "holdout content", "holdout unit"])  # fmt: skip
@pytest.mark.parametrize("value", [[], {}, 7, 1.5, True, "none"])
def test_a_clip_of_a_split_that_is_no_text_is_refused(tmp_path, place, value):
    side, name = place.split()
    values = parse_split_kind("stratified").make(collection(two_classes(60)), 3).to_json()
    values[side][0][name] = None if value == "none" and name != "unit" else value
    path = tmp_path / "split.json"
    path.write_text(json.dumps(values))
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


@pytest.mark.parametrize("seed", range(8))
def test_grouped_keeps_to_the_share_where_one_group_is_nearly_half(seed):
    sizes = [140] + [10] * 20
    groups = [f"g{number}" for number, size in enumerate(sizes) for _ in range(size)]
    data = collection(two_classes(340), groups)
    split = parse_split_kind(f"grouped[holdout=0.3,seed={seed}]").make(data, 0)
    assert len(split.holdout) == 100
    assert not split.remarks


def test_a_share_that_groups_do_not_allow_is_told():
    groups = ["g0"] * 40 + ["g1"] * 60
    split = parse_split_kind("grouped[holdout=0.1]").make(collection(two_classes(100), groups), 0)
    assert split.remarks[0].startswith("40.0% of the clips are held out instead of the 10% asked")
    assert Split.from_json(split.to_json()) == split


def test_a_split_travels_with_each_id_once():
    split = parse_split_kind("stratified").make(collection(two_classes(900)), 3)
    again = pickle.loads(pickle.dumps(split))
    assert again == split
    assert again.digest() == split.digest()
    apart = dataclasses.replace(split, contents=dict(reversed([*split.contents.items()])))
    assert pickle.loads(pickle.dumps(apart)) == apart
    assert len(pickle.dumps(split)) + 900 * len("clip-100") < len(pickle.dumps(apart))


@pytest.mark.parametrize("folds", [0, 3])
@pytest.mark.parametrize("turned", [False, True])
def test_a_split_is_written_and_hashed_as_json_says(folds, turned):
    data = collection(two_classes(60), groups=[f'g"{row // 6}\n' for row in range(60)])
    split = parse_split_kind("grouped").make(data, folds)
    if turned:
        contents = dict(reversed([*split.contents.items()]))
        split = dataclasses.replace(split, contents=contents)
    values = split.to_json()
    assert [row["content"] for row in values["train"]] == [split.contents[i] for i in split.train]
    assert "".join(split.written()) == json.dumps(values, indent=1, ensure_ascii=False)
    hashed = {name: values[name] for name in ("dropped", "holdout", "train")}
    text = json.dumps(hashed, sort_keys=True)
    assert split.digest() == hashlib.sha256(text.encode()).hexdigest()


def test_blocks_are_numbered_together_as_one_by_one():
    data = collection(two_classes(90))
    positions = [None if row % 7 == 0 else 3.7 * row - 50 for row in range(90)]
    entries = [
        dataclasses.replace(e, position=p) for e, p in zip(data.entries, positions, strict=True)
    ]
    data = Collection(data.dataset, tuple(entries), data.readings)
    kind = parse_split_kind("blocked[block=25]")
    rows = np.arange(5, 85)
    expected = [kind.unit(data, row) for row in rows.tolist()]
    assert list(kind.units_of(data, rows)) == expected
    assert expected[:2] == [-2, -2]
    assert expected[2] == 0  # row 7, which has no position


def test_remarks_do_not_make_another_split():
    split = parse_split_kind("stratified").make(collection(two_classes(100)), 3)
    told = dataclasses.replace(split, remarks=("a remark",))
    assert told.digest() == split.digest()


def test_a_class_of_one_clip_is_left_out_and_told():
    data = collection([*two_classes(40), "rare"])
    split = parse_split_kind("stratified").make(data, 3)
    assert "clip-40" not in split.contents
    assert split.remarks[0].startswith("class 'rare' has 1 clip, too few to stand on both sides")


def test_a_class_of_two_clips_has_one_on_each_side():
    data = collection([*two_classes(40), "rare", "rare"])
    split = parse_split_kind("stratified").make(data, 0)
    assert counts(split, data, "train")["rare"] == counts(split, data, "holdout")["rare"] == 1


def test_a_class_in_one_group_is_refused_by_name():
    data = collection([*two_classes(40), "c", "c"], [f"g{n // 5}" for n in range(40)] + ["g9"] * 2)
    with pytest.raises(SplitError, match="all clips of 'c' belong together"):
        parse_split_kind("grouped").make(data, 0)


def windows(count, hop, classes=2):
    entries = tuple(
        Entry(
            f"w{n}",
            "abc"[n // 7 % classes],
            None,
            n * hop,
            span=(f"r{n // 50}", n * hop, n * hop + 2),
        )
        for n in range(count)
    )
    readings = Readings.of(Reading(f"content-{n}", 100, 1, 2000.0) for n in range(count))
    return Collection(Named(), entries, readings)


@pytest.mark.parametrize("written", ["stratified", "stratified[holdout=10]", "blocked[block=30]"])
@pytest.mark.parametrize("hop", [0.5, 1.0, 2.0])
def test_windows_that_overlap_are_never_on_two_sides(written, hop):
    data = windows(600, hop)
    split = parse_split_kind(written).make(data, 3)
    verify(split, data)
    spans = {entry.id: entry.span for entry in data.entries}
    held = [spans[id] for id in split.holdout]
    for id in split.train:
        name, start, end = spans[id]
        assert not any(n == name and start < e and s < end for n, s, e in held)
    if written.startswith("blocked") and hop < 2:
        assert split.dropped > 0


def test_a_split_that_parts_overlaps_is_refused():
    data = windows(100, 1.0)
    ids = [entry.id for entry in data.entries]
    split = Split("given", tuple(ids[:50:2]), tuple(ids[1:50:2]), (), data.contents)
    contents = {id: data.contents[id] for id in (*split.train, *split.holdout)}
    with pytest.raises(SplitError, match="25 training clips overlap"):
        verify(dataclasses.replace(split, contents=contents), data)


def test_folds_that_part_overlaps_are_refused():
    data = windows(100, 1.0)
    ids = [entry.id for entry in data.entries]
    folds = tuple(n % 2 for n in range(50))
    split = Split("given", tuple(ids[:50]), tuple(ids[50:]), folds, data.contents)
    with pytest.raises(SplitError, match="in several folds"):
        verify(split, data)


def test_one_recording_of_windows_cannot_be_split_at_random():
    with pytest.raises(SplitError, match="belong together"):
        parse_split_kind("stratified").make(windows(50, 1.0), 0)


@pytest.mark.parametrize("kind", ["stratified", "grouped", "blocked"])
@pytest.mark.parametrize(
    ("size", "refused"),
    [("holdout=1.5", True), ("train=2.5", True), ("holdout=2.0", False), ("train=0.5", False)],
)
def test_a_size_is_a_share_or_a_whole_number(kind, size, refused):
    if not refused:
        parse_split_kind(f"{kind}[{size}]")
        return
    with pytest.raises(ParameterError, match="neither a share, which is below 1, nor a whole"):
        parse_split_kind(f"{kind}[{size}]")


def test_fewer_folds_than_asked_for_are_said():
    data = collection(["a", "b"] * 6)
    split = parse_split_kind("stratified[holdout=0.5]").make(data, 50)
    assert "6 folds instead of the 50 asked for: no more can be parted" in split.remarks
    assert parse_split_kind("stratified[holdout=0.5]").make(data, 5).remarks == ()


def test_a_share_that_whole_clips_miss_is_said_in_words_that_fit():
    split = parse_split_kind("stratified[holdout=0.3]").make(collection(["a", "b"] * 4), 0)
    assert "whole clips of each class come no nearer" in "".join(split.remarks)


def test_a_split_nested_too_deep_is_refused(tmp_path):
    path = tmp_path / "split.json"
    path.write_text("[" * 100_000)
    with pytest.raises(SplitError, match="cannot be read as a split"):
        read_split(path)
