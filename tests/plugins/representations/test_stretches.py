"""A long series becomes the means of its stretches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Signals
from plugins.representations.stretches import bounds, means, one_by_one, spans, time_axes


@given(st.integers(1, 5000), st.integers(1, 300))
def test_stretches_cover_the_series_once_and_are_about_equal(n: int, size: int) -> None:
    edges = bounds(n, size)
    assert (edges[0], edges[-1]) == (0, n)
    assert len(edges) - 1 == min(n, size)
    lengths = np.diff(edges)
    assert lengths.min() >= 1
    assert np.ptp(lengths) <= 1


def test_means_by_hand() -> None:
    series = np.float32([[0, 4, 2, 1, 7], [1, 1, 1, 5, 3]])
    assert means(series, 5).tolist() == series.tolist()
    assert means(series, 9).tolist() == series.tolist()
    assert means(series, 2).tolist() == [[2, 10 / 3], [1, 3]]
    assert means(series, 1)[:, 0] == pytest.approx([2.8, 2.2])


def test_a_ramp_stays_a_ramp() -> None:
    reduced = means(np.arange(4000, dtype=np.float32)[None], 40)
    assert np.allclose(np.diff(reduced), 100)


def test_a_tone_that_averages_out_is_level_and_not_the_rounding_of_its_samples() -> None:
    tone = np.float32(0.5 * np.sin(2 * np.pi * np.arange(2000) / 10))[None]
    assert np.ptp(means(tone, 100)) == 0
    assert np.ptp(means(tone + np.arange(2000, dtype=np.float32) / 1000, 100)) > 1


def test_what_never_changes_has_a_span_of_one() -> None:
    assert spans(np.array([[2.0, 2.0], [1.0, 4.0]]), 1).tolist() == [[1], [3]]


def test_channels_are_series_of_their_own_and_nothing_is_a_zero() -> None:
    samples = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    assert one_by_one(Signals(samples, 1.0)).tolist() == samples.reshape(4, 3).tolist()
    assert one_by_one(Signals(samples[..., :0], 1.0)).tolist() == [[0]] * 4


def test_the_axes_are_the_middles_of_the_stretches() -> None:
    rows, columns = time_axes(bounds(10, 2), 100.0, 2)
    assert columns.points.tolist() == [0.025, 0.075]
    assert rows.points.tolist() == [0.025, 0.075, 0.025, 0.075]
    assert (rows.name, columns.name, rows.unit) == ("time", "time", "s")
