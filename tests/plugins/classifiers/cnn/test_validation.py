from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness import Features
from plugins.classifiers.cnn.validation import LEAST, RUNS, held_back

CLIPS = 1000


def features(groups=(), positions=()):
    ids = tuple(f"clip {row:04d}" for row in range(CLIPS))
    return Features(np.zeros((CLIPS, 1)), ids, groups, positions)


def draw(given, share=0.1, seed=0, numbers=None):
    numbers = np.arange(CLIPS) % 2 if numbers is None else numbers
    return held_back(given, numbers, share, np.random.default_rng(seed))


@given(st.integers(0, 200))
def test_groups_stay_whole_and_no_more_than_the_share_is_held_back(seed):
    groups = np.random.default_rng(seed).integers(0, 60, CLIPS)
    held = draw(features(tuple(map(str, groups))), seed=seed)
    assert not set(groups[held]) & set(groups[~held])
    assert 0 < held.sum() <= 0.1 * CLIPS


def test_clips_without_a_group_are_drawn_alone_beside_those_with_one():
    groups = ("large",) * 500 + (None,) * 500
    held = draw(features(groups))
    assert not held[:500].any()
    assert held[500:].sum() >= LEAST


def test_neighbours_by_position_stay_together():
    positions = np.random.default_rng(0).permutation(CLIPS).astype(float)
    held = draw(features((), tuple(positions)), numbers=np.zeros(CLIPS, int))
    in_order = held[np.argsort(positions)]
    assert set(in_order.reshape(RUNS, -1).sum(axis=1)) == {0, CLIPS // RUNS}
    assert held.sum() == 100


def test_a_position_that_is_missing_leaves_clips_to_be_drawn_one_by_one():
    positions = (None, *map(float, range(1, CLIPS)))
    held = draw(features((), positions))
    assert set(held.reshape(RUNS, -1).sum(axis=1)) - {0, CLIPS // RUNS}


def test_without_groups_every_class_gives_its_share():
    numbers = np.repeat([0, 1, 2], [700, 290, 10])
    held = draw(features(), numbers=numbers)
    np.testing.assert_array_equal(np.bincount(numbers[held]), [70, 29, 1])


def test_groups_too_large_for_the_share_leave_all_clips_to_learn_from():
    assert not draw(features(("a",) * 500 + ("b",) * 500)).any()


def test_too_few_clips_or_no_share_hold_none_back():
    assert not draw(features(), share=(LEAST - 2) / CLIPS).any()
    assert not draw(features(), share=0).any()


def test_the_draw_depends_on_the_seed_alone():
    one, same, other = (draw(features(), seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
