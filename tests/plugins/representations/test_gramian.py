"""A Gramian field holds the sums or differences of a series' angles."""

from __future__ import annotations

import numpy as np
import pytest

from harness import Signals
from plugins.representations.gramian import Gramian


def field(samples: object, **parameters: object) -> np.ndarray:
    """Return the field of one series, from -1 to 1 [shape=(points, points)]."""
    array = np.asarray(samples, np.float32)[None, None]
    return 2 * Gramian(**parameters).raster(Signals(array, 100.0)).values[0].astype(float) - 1


def test_by_hand() -> None:
    # From -1 over 0 to 1 the angles are pi, pi / 2 and 0.
    assert np.allclose(field([3, 5, 7]), [[1, 0, -1], [0, -1, 0], [-1, 0, 1]])
    assert np.allclose(
        field([3, 5, 7], method="difference"), [[0, 1, 0], [-1, 0, 1], [0, -1, 0]], atol=1e-6
    )


def test_the_definition() -> None:
    x = np.random.default_rng(0).standard_normal(30).astype(np.float32).astype(float)
    angles = np.arccos(2 * (x - x.min()) / np.ptp(x) - 1)
    sums = [[np.cos(a + b) for b in angles] for a in angles]
    differences = [[np.sin(a - b) for b in angles] for a in angles]
    assert np.allclose(field(x), sums, atol=1e-6)
    assert np.allclose(field(x, method="difference"), differences, atol=1e-6)


@pytest.mark.parametrize("n", [101, 4040])
def test_a_ramp(n: int) -> None:
    drawn = field(np.linspace(-3, 8, n), size=101)
    x = np.linspace(-1, 1, 101)
    assert np.allclose(np.diagonal(drawn), 2 * x**2 - 1, atol=1e-5)
    assert np.allclose(np.diagonal(drawn[::-1]), -1, atol=1e-5)
    assert np.array_equal(drawn, drawn.T)


def test_the_series_can_be_read_off_the_diagonal() -> None:
    x = np.random.default_rng(2).random(50)
    stretched = (x - x.min()) / np.ptp(x)  # never below zero, so the root has one sign
    scaled = 2 * stretched - 1
    assert np.allclose(np.sqrt((np.diagonal(field(x)) + 1) / 2), np.abs(scaled), atol=1e-3)


def test_differences_are_antisymmetric() -> None:
    drawn = field(np.random.default_rng(1).standard_normal(1000), method="difference")
    assert np.allclose(drawn, -drawn.T, atol=1e-6)


def test_what_never_changes_has_the_angle_pi() -> None:
    assert np.allclose(field([0.3] * 900), 1)
    assert np.allclose(field([0.3] * 900, method="difference"), 0, atol=1e-6)


@pytest.mark.parametrize("method", ["sum", "difference"])
@pytest.mark.parametrize("n", [90, 1003])
def test_pyts_gives_the_same(n: int, method: str) -> None:
    image = pytest.importorskip("pyts.image")
    x = np.random.default_rng(n).standard_normal((3, 1, n)).cumsum(axis=2).astype(np.float32)
    theirs = image.GramianAngularField(
        image_size=min(n, 100), method="summation" if method == "sum" else method
    ).transform(x[:, 0].astype(np.float64))
    ours = Gramian(size=100, method=method).raster(Signals(x, 50.0)).values
    assert np.allclose(2 * ours - 1, theirs, atol=1e-6)
