"""A Markov field holds the probabilities of the steps between states."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from harness import Signals
from plugins.representations.markov import Markov, _states, _transitions


def field(samples: object, **parameters: object) -> np.ndarray:
    """Return the field of one series [shape=(stretches, stretches)]."""
    array = np.asarray(samples, np.float32)[None, None]
    return Markov(**parameters).raster(Signals(array, 100.0)).values[0]


def written_out(x: np.ndarray, bins: int, size: int) -> np.ndarray:
    """Return the field point by point, then the mean over each pair of stretches."""
    edges = [np.percentile(x, 100 * k / bins) for k in range(1, bins)]
    states = [sum(value > edge for edge in edges) for value in x]
    steps = np.zeros((bins, bins))
    for before, after in itertools.pairwise(states):
        steps[before, after] += 1
    for row in steps:
        row /= max(row.sum(), 1)
    whole = np.array([[steps[a, b] for b in states] for a in states])
    cuts = [len(x) * k // size for k in range(size + 1)]
    pairs = list(itertools.pairwise(cuts))
    return np.array([[whole[a:b, c:d].mean() for c, d in pairs] for a, b in pairs])


def test_by_hand() -> None:
    # Low, low, high, low, high: from low one step in three stays; from high all lead to low.
    stay, go = 1 / 3, 2 / 3
    low, high = [stay, stay, go, stay, go], [1, 1, 0, 1, 0]
    assert np.allclose(field([0, 1, 8, 2, 9], bins=2), [low, low, high, low, high])


@pytest.mark.parametrize(("n", "size"), [(30, 30), (60, 20), (61, 20)])
def test_the_definition(n: int, size: int) -> None:
    x = np.random.default_rng(n).standard_normal(n).astype(np.float32).astype(float)
    assert np.allclose(field(x, bins=5, size=size), written_out(x, 5, size), atol=1e-6)


def test_steps_out_of_a_state_sum_to_one() -> None:
    series = np.random.default_rng(0).standard_normal((4, 500)).astype(np.float32)
    steps = _transitions(_states(series, 8), 8)
    assert np.allclose(steps.sum(axis=2), 1)


def test_a_state_of_the_last_point_alone_leads_nowhere() -> None:
    steps = _transitions(_states(np.float32([[0, 1, 2, 3]]), 4), 4)
    assert np.array_equal(steps[0], np.eye(4, k=1))
    assert field([0, 1, 2, 3], bins=4).tolist() == np.eye(4, k=1).tolist()


def test_every_state_is_visited_alike() -> None:
    states = _states(np.random.default_rng(0).standard_normal((1, 800)).astype(np.float32), 8)
    assert np.bincount(states[0]).tolist() == [100] * 8


def test_a_square_wave_alternates() -> None:
    drawn = field([0, 1] * 50, bins=2)
    assert np.array_equal(drawn, np.add.outer(np.arange(100), np.arange(100)) % 2)


def test_a_monotone_change_of_the_series_changes_nothing() -> None:
    x = np.random.default_rng(3).standard_normal(301)
    assert np.array_equal(field(np.exp(x), bins=4), field(x, bins=4))


def test_what_never_changes_stays_where_it_is() -> None:
    assert (field([0.1] * 900) == 1).all()
    assert (field([0.1]) == 0).all()


@pytest.mark.parametrize("n", [90, 1003])
def test_pyts_gives_the_same(n: int) -> None:
    image = pytest.importorskip("pyts.image")
    x = np.random.default_rng(n).standard_normal((3, 1, n)).cumsum(axis=2).astype(np.float32)
    theirs = image.MarkovTransitionField(image_size=min(n, 100), n_bins=8).transform(
        x[:, 0].astype(np.float64)
    )
    ours = Markov(size=100).raster(Signals(x, 50.0)).values
    assert np.allclose(ours, theirs, atol=1e-6)
