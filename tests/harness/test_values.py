from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Features

IDS = ("a", "b", "c")


def test_features_keep_groups_and_positions_beside_their_rows():
    features = Features(np.arange(3), IDS, ("x", None, "y"), (0.5, 1.5, None))
    taken = features.take([2, 0])
    assert taken.ids == ("c", "a")
    assert taken.groups == ("y", "x")
    assert taken.positions == (None, 0.5)
    np.testing.assert_array_equal(taken.values, [2, 0])


def test_features_without_groups_and_positions_have_none_after_taking():
    taken = Features(np.arange(3), IDS).take([1])
    assert (taken.groups, taken.positions) == ((), ())


@pytest.mark.parametrize("name", ["groups", "positions"])
def test_features_want_a_group_and_a_position_for_every_row_or_none(name):
    with pytest.raises(ValueError, match=f"2 {name} for 3 ids"):
        Features(np.arange(3), IDS, **{name: (None, None)})


@given(st.lists(st.integers(0, 9), max_size=20))
def test_taking_twice_is_taking_what_was_taken(rows):
    ids = tuple(f"clip {row}" for row in range(10))
    features = Features(np.arange(10), ids, ids, tuple(map(float, range(10))))
    once = features.take(rows)
    twice = once.take(range(len(rows)))
    assert (twice.ids, twice.groups, twice.positions) == (once.ids, once.groups, once.positions)
    assert once.groups == once.ids == tuple(ids[row] for row in rows)
