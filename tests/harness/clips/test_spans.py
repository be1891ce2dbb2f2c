"""Windows that overlap: found as a comparison of every pair finds them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clips.spans import TOUCHING_S, clusters, overlapping
from harness.clips.units import joined_units, numbered
from harness.values import Entry


@st.composite
def windows(draw):
    """Windows of two recordings on a grid, and some clips that are cut from nothing."""
    found = []
    for number in range(draw(st.integers(1, 14))):
        start = draw(st.integers(0, 12))
        length = draw(st.integers(1, 6))
        span = (draw(st.sampled_from("ab")), start / 2, (start + length) / 2)
        found.append(Entry(f"{number}", "x", span=draw(st.sampled_from([span, span, None]))))
    return found


def overlap(one, other):
    if one.span is None or other.span is None or one.span[0] != other.span[0]:
        return False
    return min(one.span[2], other.span[2]) - max(one.span[1], other.span[1]) > TOUCHING_S


@given(windows(), st.data())
@settings(max_examples=300, deadline=None)
def test_overlaps_are_those_of_every_pair(entries, data):
    rows = list(range(len(entries)))
    held = set(data.draw(st.lists(st.sampled_from(rows), unique=True)))
    train = [row for row in rows if row not in held]
    expected = {r for r in train if any(overlap(entries[r], entries[h]) for h in held)}
    assert overlapping(entries, train, sorted(held)) == expected


@given(windows())
@settings(max_examples=300, deadline=None)
def test_clusters_are_the_components_of_the_graph_of_overlaps(entries):
    rows = list(range(len(entries)))
    found = list(clusters(entries, rows))
    place = {row: number for number, members in enumerate(found) for row in members}
    assert sorted(place) == [row for row in rows if entries[row].span is not None]
    for one in place:
        for other in place:
            if overlap(entries[one], entries[other]):
                assert place[one] == place[other]
    for members in found:
        reached = {members[0]}
        while more := {
            m
            for m in members
            for r in reached
            if m not in reached and overlap(entries[m], entries[r])
        }:
            reached |= more
        assert reached == set(members)


def test_windows_that_only_touch_are_apart():
    entries = [Entry("0", "x", span=("a", 0.0, 2.0)), Entry("1", "x", span=("a", 2.0, 4.0))]
    assert list(clusters(entries, [0, 1])) == [[0], [1]]
    assert overlapping(entries, [0], [1]) == set()


def test_a_window_inside_another_overlaps_it():
    entries = [Entry("0", "x", span=("a", 0.0, 9.0)), Entry("1", "x", span=("a", 4.0, 5.0))]
    assert overlapping(entries, [0], [1]) == {0}
    assert overlapping(entries, [1], [0]) == {1}


def test_units_grow_together_over_overlaps():
    spans = [("a", 0.0, 2.0), ("a", 1.0, 3.0), ("a", 5.0, 7.0), None]
    entries = [Entry(f"{n}", "x", span=span) for n, span in enumerate(spans)]
    assert joined_units(entries, range(4), numbered("pqqr")) == [[0, 1, 2], [3]]
    assert joined_units(entries, range(4), numbered("pqss")) == [[0, 1], [2, 3]]
