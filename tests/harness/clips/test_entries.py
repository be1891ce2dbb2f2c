"""Entries in columns are the entries that were listed."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Entry
from harness.clips import entries as module
from harness.clips.entries import Entries
from harness.columns.strings import Strings

WORD = st.text(max_size=3)
SPAN = st.tuples(WORD, st.floats(0, 9), st.floats(0, 9))
ENTRY = st.builds(
    Entry,
    id=WORD,
    label=WORD,
    group=st.none() | WORD,
    position=st.none() | st.floats(allow_nan=False) | st.integers(0, 9),
    side=st.sampled_from([None, "train", "holdout"]),
    where=WORD,
    fault=st.none() | WORD,
    fold=st.none() | WORD,
    span=st.none() | SPAN,
    stands_for_s=st.none() | st.floats(0, 9),
)


@pytest.fixture(autouse=True, scope="module")
def small_blocks():
    block, module.BLOCK = module.BLOCK, 4
    yield
    module.BLOCK = block


@given(st.lists(ENTRY, max_size=12), st.data())
def test_entries_come_out_as_they_were_listed(listed, data):
    entries = Entries.of(iter(listed))
    assert list(map(repr, entries)) == list(map(repr, listed))
    assert entries == tuple(listed)
    assert [entries[row] for row in range(len(listed))] == listed
    assert list(entries[1:3]) == listed[1:3]
    rows = data.draw(st.permutations(range(len(listed))))[:5]
    assert list(entries.take(rows)) == [listed[row] for row in rows]
    assert list(map(repr, pickle.loads(pickle.dumps(entries)))) == list(map(repr, listed))
    assert entries.sound().tolist() == [n for n, each in enumerate(listed) if each.fault is None]
    has_span = any(each.span is not None for each in listed)
    assert (entries.spans is not None) is has_span


@given(st.lists(SPAN, min_size=1, max_size=12))
def test_spans_come_out_as_they_were(spans):
    entries = Entries.of(Entry(f"{n}", "a", span=span) for n, span in enumerate(spans))
    assert entries.spans == tuple(spans)
    assert pickle.loads(pickle.dumps(entries[1:])).spans in (tuple(spans[1:]), None)


def test_a_place_that_is_the_id_is_kept_once():
    entries = Entries.of(Entry(f"{n}.wav", "a", where=f"{n}.wav") for n in range(9))
    assert entries.column("where") is entries.column("id")
    part = entries[2:5]
    assert part.column("where") is part.column("id")
    assert len(pickle.dumps(entries)) < len(
        pickle.dumps(Entries.of(Entry(f"{n}.wav", "a", where=f"{n}.mp3") for n in range(9)))
    )


def test_what_a_stranger_lists_comes_out_as_it_was():
    odd = [Entry(3, ["a"]), Entry("4", None, position="x", span=("r", 1, 2))]  # type: ignore
    assert list(Entries.of(odd)) == odd
    assert Entries.of([]) == ()
    assert isinstance(Entries.of([]).ids, Strings)
