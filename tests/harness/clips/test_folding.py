"""Folds as splits: every clip is held out once, what belongs together together."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clips.collection import Collection
from harness.clips.readings import Reading, Readings
from harness.clips.split_kinds import parse_split_kind
from harness.clips.splits import Split, verify
from harness.errors import ParameterError, SplitError
from harness.values import Entry


class Plain:
    """Stands for a dataset; it suggests what it is told to."""

    name = "made-up"

    def __init__(self, suggested=""):
        self.suggested = suggested

    def suggest_split(self, entries):
        return self.suggested


def collected(entries, contents=None, suggested=""):
    contents = contents or [entry.id for entry in entries]
    readings = Readings.of(Reading(content, 100, 1, 2000.0) for content in contents)
    return Collection(Plain(suggested), tuple(entries), readings)


def all_splits(written, data, folds=0):
    kind = parse_split_kind(written)
    return [kind.make(data, folds, number) for number in range(kind.splits(data))]


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 11)), min_size=24, max_size=60),
    st.booleans(),
    st.integers(2, 5),
    st.integers(0, 3),
)
@settings(max_examples=60, deadline=None)
def test_every_clip_is_held_out_exactly_once(drawn, grouped, count, seed):
    ends = [("a", 20), ("b", 20), ("a", 21), ("b", 21), ("a", 22), ("b", 22)] * 2
    entries = [
        Entry(f"{n}", label, f"g{group}" if grouped else None)
        for n, (label, group) in enumerate([*drawn, *ends])
    ]
    data = collected(entries)
    if grouped and len({entry.group for entry in entries}) < count:
        return
    try:
        splits = all_splits(f"folds[count={count},seed={seed}]", data)
    except SplitError as error:  # groups may be so large that a class is in one fold alone
        if not grouped or "one class only" not in str(error):
            raise
        return
    held = Counter(id for split in splits for id in split.holdout)
    assert len(splits) == count
    assert held == dict.fromkeys((entry.id for entry in entries), 1)
    groups = {entry.id: entry.group for entry in entries}
    for split in splits:
        assert split.each_once
        assert not set(split.train) & set(split.holdout)
        if grouped:
            assert not {groups[i] for i in split.train} & {groups[i] for i in split.holdout}
            assert split.units == {id: groups[id] for id in split.holdout}


def test_folds_spread_the_classes_evenly():
    data = collected([Entry(f"{n}", "ab"[n % 5 == 0]) for n in range(100)])
    for split in all_splits("folds[count=5]", data, folds=3):
        assert Counter(data.labels[id] for id in split.holdout) == {"a": 16, "b": 4}
        assert split.fold_count == 3
        assert not split.units


def test_copies_are_held_out_together():
    entries = [Entry(f"{n}", "ab"[n % 2]) for n in range(40)]
    data = collected(entries, [f"{n // 4}" for n in range(40)])
    for split in all_splits("folds[count=5]", data):
        assert split.dropped == 0
        assert {data.contents[id] for id in split.holdout}.isdisjoint(
            data.contents[id] for id in split.train
        )


def test_blocks_that_the_dataset_suggests_stay_whole():
    data = collected([Entry(f"{n}", "ab"[n % 2]) for n in range(100)], None, "blocked[block=10]")
    for split in all_splits("folds[count=5]", data):
        blocks = Counter(int(id) // 10 for id in split.holdout)
        assert set(blocks.values()) == {10}
        assert len(set(split.units.values())) == 2


def test_official_folds_are_taken_in_the_order_of_their_numbers():
    entries = [Entry(f"{n}", "ab"[n % 2], fold=f"fold{1 + n % 10}") for n in range(60)]
    entries = [Entry(e.id, "ab"[int(e.id) % 4 > 1], fold=e.fold) for e in entries]
    data = collected(entries)
    splits = all_splits("folds[by=fold]", data)
    folds = {entry.id: entry.fold for entry in entries}
    assert [{folds[id] for id in split.holdout} for split in splits] == [
        {f"fold{n}"} for n in range(1, 11)
    ]


def test_clips_without_an_official_fold_are_not_used_and_told():
    entries = [Entry(f"{n}", "ab"[n // 2 % 2], fold=[None, "1", "2"][n % 3]) for n in range(60)]
    splits = all_splits("folds[by=fold]", collected(entries))
    assert {len(split.train) + len(split.holdout) for split in splits} == {40}
    assert splits[0].remarks == ("20 of 60 clips are in no fold: they are not used",)


def test_official_folds_that_part_groups_are_told():
    entries = [Entry(f"{n}", "ab"[n // 2 % 2], f"g{n % 3}", fold=f"{n % 2}") for n in range(24)]
    splits = all_splits("folds[by=fold]", collected(entries))
    assert "part 3 groups" in splits[0].remarks[0]


def test_one_group_at_a_time():
    entries = [Entry(f"{n}", "ab"[n // 4 % 2], f"site {n % 4}") for n in range(40)]
    splits = all_splits("folds[by=group]", collected(entries))
    assert [set(split.units.values()) for split in splits] == [{f"site {n}"} for n in range(4)]


def test_overlapping_windows_are_in_one_fold_and_inner_fold():
    entries = [
        Entry(
            f"{n}",
            "ab"[n // 3 % 2],
            span=(f"r{n // 20}", n % 20 * 1.0 + n // 4, n % 20 + n // 4 + 1.5),
        )
        for n in range(200)
    ]
    data = collected(entries)
    for split in all_splits("folds[count=4]", data, folds=3):
        verify(split, data)
        assert split.dropped == 0


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("folds[by=fold]", "names no fold"),
        ("folds[by=group]", "names no group"),
        ("folds[count=60]", "too few for 60 folds"),
    ],
)
def test_impossible_folds_say_why(written, words):
    data = collected([Entry(f"{n}", "ab"[n % 2]) for n in range(40)])
    with pytest.raises(SplitError, match=words):
        all_splits(written, data)


def test_a_single_fold_is_refused():
    with pytest.raises(ParameterError, match="count"):
        parse_split_kind("folds[count=1]")


def test_a_written_split_of_folds_is_read_back():
    data = collected([Entry(f"{n}", "ab"[n % 2]) for n in range(40)])
    for split in all_splits("folds[count=4]", data, folds=2):
        assert Split.from_json(split.to_json()) == split
        assert split.kind == "folds[count=4,seed=0]"
