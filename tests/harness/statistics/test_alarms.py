"""False alarms an hour against recall: counted by hand, and what must hold of any detector."""

from __future__ import annotations

import numpy as np
import pytest

from harness.statistics.alarms import Heard, added, count_alarms, telling_thresholds
from harness.statistics.events import Joining, Marks, Windows


def heard(scores, marks, *, weights=None, units=None, mark_units=None):
    """Lay windows of 2 s, a second apart, along one recording."""
    count = len(scores)
    starts = np.arange(count) * 1.0
    begins, ends = np.array(marks, float).reshape(-1, 2).T
    each = np.ones(count) if weights is None else np.array(weights, float)
    numbers = np.zeros(count, int) if units is None else np.array(units)
    positive = np.array([((begins < s + 1.5) & (ends > s + 0.5)).any() for s in starts], bool)
    return Heard(
        Windows(np.zeros(count, int), starts, starts + 2),
        np.array(scores, float),
        positive,
        each,
        each,
        numbers,
        Marks(np.zeros(len(begins), int), begins, ends),
        np.zeros(len(begins), int) if mark_units is None else np.array(mark_units),
        int(numbers.max()) + 1,
    )


def test_counts_by_hand():
    #         0    1    2    3    4    5    6    7    8    9
    scores = [0.1, 0.9, 0.9, 0.0, 0.0, 0.0, 0.7, 0.0, 0.0, 0.5]
    found = count_alarms(heard(scores, [(2, 3), (10, 11)]), np.array([0.9, 0.6, 0.5]), Joining())
    assert found.right.ravel().tolist() == [1, 1, 2]
    assert found.false.ravel().tolist() == [0, 1, 1]
    assert found.recall().tolist() == [0.5, 0.5, 1.0]
    np.testing.assert_allclose(found.precision(), [1, 1 / 2, 2 / 3])
    np.testing.assert_allclose(found.per_hour(), [0, 360, 360])
    assert found.per_hour_at(0.5) == 0
    assert found.per_hour_at(0.8) == 360


def test_a_recall_that_no_threshold_has_is_nan():
    each = heard([0.9, 0.1], [(0, 1), (500, 501)])
    found = count_alarms(each, telling_thresholds(each), Joining())
    assert np.isnan(found.per_hour_at(0.8))


def test_a_detector_that_always_says_yes_has_many_false_alarms():
    scores = np.ones(3600)
    found = count_alarms(heard(scores, [(100, 101)]), np.array([0.5]), Joining())
    assert found.recall().tolist() == [1.0]
    assert found.per_hour()[0] > 350


def test_what_is_marked_on_the_other_side_is_neither_missed_nor_a_false_alarm():
    each = heard([0.9, 0.0, 0.0, 0.0, 0.8], [(0, 1), (5, 6)], mark_units=[0, -1])
    found = count_alarms(each, np.array([0.9, 0.8]), Joining())
    assert found.marked.tolist() == [1]
    assert found.recall().tolist() == [1, 1]
    assert found.false.ravel().tolist() == [0, 0]


def test_thinned_background_counts_for_what_was_left_out():
    whole = heard([0.9, 0, 0, 0, 0.9, 0, 0, 0.9], [(0, 1)])
    thinned = heard([0.9, 0, 0, 0, 0.9, 0, 0, 0.9], [(0, 1)], weights=[1, *[10] * 7])
    assert not whole.thinned
    assert thinned.thinned
    plain, weighed = (count_alarms(each, np.array([0.5]), Joining()) for each in (whole, thinned))
    assert plain.false.sum() == 2
    assert weighed.false.sum() == 20
    assert weighed.hours.sum() == pytest.approx(71 / 3600)
    assert weighed.per_hour()[0] == pytest.approx(20 / (71 / 3600))


def test_thinning_never_flatters():
    rng = np.random.default_rng(3)
    marks = [(s, s + 1) for s in range(50, 20000, 200)]
    truth = np.zeros(20000, bool)
    for start, _ in marks:
        truth[start - 1 : start + 1] = True
    scores = np.where(truth, 0.9, rng.random(20000))
    every = heard(scores, marks)
    rate = float(count_alarms(every, np.array([0.8]), Joining()).per_hour()[0])
    kept = truth | (rng.random(20000) < 0.1)
    share = (~truth).sum() / (kept & ~truth).sum()
    starts = every.windows.start_s[kept]
    few = Heard(
        Windows(every.windows.recordings[kept], starts, starts + 2),
        every.scores[kept], every.positive[kept],
        np.where(truth, 1, share)[kept], np.where(truth, 1, share)[kept],
        every.units[kept], every.marks, every.mark_units, 1,
    )  # fmt: skip
    thinned = float(count_alarms(few, np.array([0.8]), Joining()).per_hour()[0])
    assert rate < thinned < 2 * rate


def test_draws_count_units_as_often_as_they_are_drawn():
    each = heard([0.9, 0, 0, 0.9, 0, 0], [(0, 1)], units=[0, 0, 0, 1, 1, 1])
    found = count_alarms(each, np.array([0.5]), Joining())
    draws = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])
    np.testing.assert_allclose(found.per_hour(draws)[:, 0], [600, 0, 1200])
    np.testing.assert_array_equal(found.recall(draws)[:, 0], [1, 1, np.nan])
    np.testing.assert_array_equal(found.per_hour_at(0.5, draws), [600, 0, np.nan])
    twice = added([found, found])
    assert twice.false.sum() == 2
    assert twice.per_hour().tolist() == found.per_hour().tolist()


def test_telling_thresholds_are_scores_of_windows_near_a_selection():
    scores = [0.1, 0.9, 0.3, 0.8, np.nan, 0.2]
    each = heard(scores, [(1.5, 2.5)])
    assert telling_thresholds(each).tolist() == [0.9, 0.3, 0.1]
    assert telling_thresholds(each, most=2).tolist() == [0.9, 0.1]


def test_recall_grows_with_every_threshold():
    rng = np.random.default_rng(0)
    each = heard(rng.random(2000), [(s, s + 0.8) for s in range(10, 1990, 37)])
    for rules in (Joining(), Joining(gap_s=3, shortest=2), Joining(longest_s=4)):
        recall = count_alarms(each, telling_thresholds(each), rules).recall()
        assert (np.diff(recall) >= 0).all()
        assert recall[-1] > 0.9
