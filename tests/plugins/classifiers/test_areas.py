from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.classifiers import areas


def small_of(pictures: np.ndarray, height: int, width: int) -> np.ndarray:
    small = np.empty((len(pictures), height, width), np.uint8)
    areas.shrink(pictures, small)
    return small


def opencv(pictures: np.ndarray, height: int, width: int) -> np.ndarray:
    size = (width, height)
    return np.stack([cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in pictures])


@pytest.mark.parametrize("seed", range(5))
def test_the_usual_sizes_are_those_of_opencv_to_the_last_level(seed):
    pictures = np.random.default_rng(seed).integers(0, 256, (3, 224, 224)).astype(np.uint8)
    assert areas._counts(Fraction(224, 64), Fraction(224, 64))
    np.testing.assert_array_equal(small_of(pictures, 64, 64), opencv(pictures, 64, 64))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 30), st.integers(1, 30))
def test_any_size_is_that_of_opencv_to_the_last_level(height, width, rows, columns):
    rng = np.random.default_rng(height * 64 + width)
    pictures = rng.integers(0, 256, (2, height, width)).astype(np.uint8)
    np.testing.assert_array_equal(
        small_of(pictures, rows, columns), opencv(pictures, rows, columns)
    )


@pytest.mark.parametrize(("many", "few"), [(3, 2), (5, 2), (5, 4), (7, 2), (15, 7)])
def test_means_are_exact(many, few):
    pictures = np.random.default_rng(0).integers(0, 256, (2, 2 * many, many)).astype(np.uint8)
    fine = np.repeat(np.repeat(pictures, few, axis=1), few, axis=2).astype(float)
    means = fine.reshape(2, 2 * few, many, few, many).mean(axis=(2, 4))
    assert areas._counts(Fraction(many, few), Fraction(many, few))
    np.testing.assert_array_equal(small_of(pictures, 2 * few, few), np.round(means))


@pytest.mark.parametrize(("rows", "columns"), [((7, 1), (7, 1)), ((14, 3), (7, 2)), ((17, 2),) * 2])
def test_whole_areas_ties_and_long_sums_are_left_to_opencv(rows, columns):
    assert not areas._counts(Fraction(*rows), Fraction(*columns))
