"""Windows joined to events: known answers, and what holds for any windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.statistics.events import Joining, Marks, Windows, join_windows, overlapping


def row(scores, hop_s=1.0, window_s=2.0, recordings=None):
    starts = np.arange(len(scores)) * hop_s
    places = np.zeros(len(scores), int) if recordings is None else np.array(recordings)
    return Windows(places, starts, starts + window_s), np.array(scores, float)


def events(scores, threshold=0.5, **rules):
    windows, given = row(scores)
    return join_windows(windows, given, threshold, Joining(**rules))


def spans(found):
    return list(zip(found.start_s.tolist(), found.end_s.tolist(), strict=True))


def test_windows_that_overlap_or_touch_are_one_event():
    found = events([0.9, 0.6, 0.1, 0.7, 0.1, 0.1, 0.5])
    assert spans(found) == [(0, 5), (6, 8)]
    assert found.scores.tolist() == [0.9, 0.5]
    assert found.counts.tolist() == [3, 1]
    assert found.rows.tolist() == [0, 1, 3, 6]
    assert found.owners.tolist() == [0, 0, 0, 1]


def test_a_gap_joins_what_lies_apart():
    scores = [0.9, 0.1, 0.1, 0.1, 0.1, 0.9]
    assert spans(events(scores, gap_s=2.9)) == [(0, 2), (5, 7)]
    assert spans(events(scores, gap_s=3.0)) == [(0, 7)]


def test_what_is_too_short_is_dropped():
    scores = [0.9, 0, 0, 0, 0.9, 0.9, 0, 0, 0, 0.9]
    assert spans(events(scores, shortest=2)) == [(4, 7)]
    assert spans(events(scores, shortest=3)) == []


def test_an_event_does_not_go_on_for_ever():
    found = events([1.0] * 25)
    assert spans(found) == [(0, 11), (10, 21), (20, 26)]
    assert spans(events([1.0] * 6, longest_s=3.0)) == [(0, 4), (3, 7)]
    assert events([1.0] * 25, longest_s=1e6).counts.tolist() == [25]


def test_recordings_are_not_joined_and_nan_is_not_detected():
    windows, scores = row([0.9, 0.9, np.nan, 0.9], recordings=[0, 0, 1, 1])
    found = join_windows(windows, scores, 0.5, Joining())
    assert found.recordings.tolist() == [0, 1]
    assert spans(found) == [(0, 3), (3, 5)]


def test_nothing_detected_is_no_event():
    found = events([0.1, 0.2])
    assert len(found) == 0
    assert len(events([])) == 0
    assert overlapping(found, found).tolist() == []


def test_windows_out_of_order_are_refused():
    with pytest.raises(ValueError, match="in order"):
        Windows(np.array([0, 0]), np.array([1.0, 0.0]), np.array([2.0, 1.0]))


@pytest.mark.parametrize(
    "rules", [{"gap_s": -1}, {"gap_s": np.nan}, {"shortest": 0}, {"longest_s": 0.0}]
)
def test_rules_that_make_no_sense_are_refused(rules):
    with pytest.raises(ValueError, match="got"):
        Joining(**rules)


def marks(*found):
    places, starts, ends = np.array(found, float).reshape(-1, 3).T
    return Marks(places.astype(int), starts, ends)


def test_touching_is_not_sharing_but_a_point_is_held():
    first = marks((0, 0, 2), (0, 2, 4), (1, 0, 2), (0, 9, 9))
    second = marks((0, 2, 3), (0, 3.5, 3.7), (0, 9, 10), (0, 8, 9))
    assert overlapping(first, second).tolist() == [0, 2, 0, 1]


def test_decimal_times_that_are_equal_touch():
    assert overlapping(marks((0, 0.1 + 0.2, 1)), marks((0, 0, 0.3))).tolist() == [0]


time = st.integers(0, 400).map(lambda tenths: tenths / 10)
stretch = st.tuples(st.integers(0, 2), time, st.integers(0, 50).map(lambda n: n / 10)).map(
    lambda each: (each[0], each[1], each[1] + each[2])
)


@given(first=st.lists(stretch, min_size=1, max_size=12), second=st.lists(stretch, max_size=12))
def test_overlaps_are_those_that_one_counts_by_hand(first, second):
    def share(a, b):
        ends = [max(each[2], each[1] + 1e-6) for each in (a, b)]
        return a[0] == b[0] and min(ends) - max(a[1], b[1]) > 5e-7

    wanted = [sum(share(a, b) for b in second) for a in first]
    assert overlapping(marks(*first), marks(*second)).tolist() == wanted


@given(
    scores=st.lists(st.sampled_from([0.0, 0.3, 0.6, 0.9, np.nan]), max_size=40),
    gap_s=st.sampled_from([0.0, 1.0, 5.0]),
    shortest=st.integers(1, 4),
)
@settings(deadline=None)
def test_a_lower_threshold_covers_all_that_a_higher_one_does(scores, gap_s, shortest):
    windows, given = row(scores)
    rules = Joining(gap_s, shortest)
    few, many = (join_windows(windows, given, level, rules) for level in (0.8, 0.5))
    assert set(few.rows) <= set(many.rows)
    assert (overlapping(few, many) > 0).all()
    for found in (few, many):
        assert found.counts.sum() == len(found.rows) == len(found.owners)
        assert (np.bincount(found.owners, minlength=len(found)) == found.counts).all()
