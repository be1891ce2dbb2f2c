"""Decibels are librosa's."""

from __future__ import annotations

import numpy as np
import pytest

from harness import decibels


def test_hand_computed() -> None:
    power = np.float32([[[100.0, 10.0], [1.0, 0.0]], [[5.0, 5.0], [5.0, 0.5]]])
    expected = [[[0.0, -10.0], [-20.0, -80.0]], [[0.0, 0.0], [0.0, -10.0]]]
    assert np.allclose(decibels(power), expected, atol=1e-5)


def test_silence_is_its_own_peak() -> None:
    assert not decibels(np.zeros((2, 3, 4), np.float32)).any()


def test_the_absolute_level_changes_nothing() -> None:
    power = np.random.default_rng(0).exponential(size=(2, 8, 8)).astype(np.float32)
    assert np.allclose(decibels(power * np.float32(1e-12)), decibels(power), atol=1e-4)


def test_no_clips_are_no_levels() -> None:
    assert decibels(np.zeros((0, 3, 4), np.float32)).shape == (0, 3, 4)


@pytest.mark.parametrize("level", [1.0, 1e-9, 1e-14, 0.0])
def test_agrees_with_librosa(level: float) -> None:
    librosa = pytest.importorskip("librosa")
    power = np.random.default_rng(0).exponential(size=(3, 8, 8)).astype(np.float32) ** 8
    power *= np.float32(level)
    expected = [librosa.power_to_db(each, ref=np.max) for each in power]
    assert np.allclose(decibels(power, least=1e-10), expected, atol=1e-4)
