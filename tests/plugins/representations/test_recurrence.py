"""A recurrence plot is dark where the series comes back to where it was."""

from __future__ import annotations

import numpy as np
import pytest

from harness import Inapplicable, Signals
from plugins.representations.recurrence import Recurrence


def plot(samples: object, **parameters: object) -> np.ndarray:
    """Return the nearness of one series [shape=(points, points)]."""
    array = np.asarray(samples, np.float32)[None, None]
    return Recurrence(**parameters).raster(Signals(array, 100.0)).values[0]


def written_out(x: np.ndarray, dimension: int, delay: int) -> np.ndarray:
    """Return the distances of states, pair by pair, as Eckmann et al. define them."""
    count = len(x) - (dimension - 1) * delay
    state = [[x[i + k * delay] for k in range(dimension)] for i in range(count)]
    return np.array([[np.linalg.norm(np.subtract(a, b)) for b in state] for a in state])


def test_by_hand() -> None:
    drawn = plot([0, 1, 4])
    assert np.allclose(drawn, [[1, 0.75, 0], [0.75, 1, 0.25], [0, 0.25, 1]])


@pytest.mark.parametrize(("dimension", "delay"), [(1, 1), (2, 1), (3, 4)])
def test_the_definition(dimension: int, delay: int) -> None:
    x = np.random.default_rng(1).standard_normal(40).astype(np.float32)
    distances = written_out(x.astype(np.float64), dimension, delay)
    shades = plot(x, dimension=dimension, delay=delay)
    assert np.allclose(shades, 1 - distances / distances.max(), atol=1e-6)
    dots = plot(x, dimension=dimension, delay=delay, threshold=0.2)
    assert np.array_equal(dots, distances < 0.2 * distances.max())


def test_a_sine_comes_back_after_every_period() -> None:
    drawn = plot(np.sin(2 * np.pi * np.arange(200) / 25))
    assert np.allclose(drawn[25:], drawn[:-25], atol=1e-5)
    assert np.allclose(np.diagonal(drawn, 50), 1, atol=1e-5)
    # Half a period on it is as far away as can be, wherever it is at an extreme.
    assert drawn[25 // 4, 25 // 4 + 25 // 2] < 0.05


def test_two_points_in_a_state_tell_a_sines_rise_from_its_fall() -> None:
    sine = np.sin(2 * np.pi * np.arange(100) / 40)
    rise, fall = 3, 17  # the same height, 0.45
    assert plot(sine)[rise, fall] > 0.99
    assert plot(sine, dimension=2, delay=10)[rise, fall] < 0.6


def test_a_step_makes_two_blocks() -> None:
    drawn = plot([0] * 5 + [2] * 5, threshold=0.5)
    assert np.array_equal(drawn, np.kron(np.eye(2), np.ones((5, 5))))


def test_the_diagonal_is_black_and_the_plot_is_symmetric() -> None:
    drawn = plot(np.random.default_rng(0).standard_normal(1000))
    assert np.array_equal(np.diagonal(drawn), np.ones(224))
    assert np.array_equal(drawn, drawn.T)
    assert drawn.min() == 0


@pytest.mark.parametrize("threshold", [None, 0.0, 0.5])
def test_what_never_changes_recurs_everywhere(threshold: float | None) -> None:
    assert (plot([0.1] * 900, threshold=threshold) == 1).all()


def test_a_series_shorter_than_a_state_is_refused() -> None:
    with pytest.raises(Inapplicable, match="longer than this series of 8 points"):
        plot(np.arange(8), dimension=3, delay=4)
    assert plot(np.arange(9), dimension=3, delay=4).shape == (1, 1)


@pytest.mark.parametrize("n", [90, 1003])
def test_pyts_gives_the_same(n: int) -> None:
    image = pytest.importorskip("pyts.image")
    approximation = pytest.importorskip("pyts.approximation")
    x = np.random.default_rng(n).standard_normal((3, 1, n)).cumsum(axis=2).astype(np.float32)
    reduce = approximation.PiecewiseAggregateApproximation(
        window_size=None, output_size=min(n, 100), overlapping=False
    )
    points = reduce.transform(x[:, 0].astype(np.float64))
    state = {"dimension": 3, "delay": 2}
    signals = Signals(x, 50.0)
    theirs = image.RecurrencePlot(dimension=3, time_delay=2).transform(points)
    ours = Recurrence(size=100, **state).raster(signals).values
    assert np.allclose(1 - ours, theirs / theirs.max(axis=(1, 2), keepdims=True), atol=1e-6)
    dots = image.RecurrencePlot(3, 2, threshold="distance", percentage=10).transform(points)
    assert np.array_equal(Recurrence(size=100, threshold=0.1, **state).raster(signals).values, dots)
