from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from harness import Pictures
from harness.pictures.painted import Painted
from harness.values import Levels
from plugins.classifiers import grey
from plugins.classifiers.grey import grey_matrix, standardised_rows


def grey_pictures(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    ids = tuple(map(str, range(len(pixels))))
    return grey.grey_pictures(Pictures(pixels, ids), height, width)


def _one_colour(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((1, 20, 30, 3), (red, green, blue), np.uint8)


@pytest.mark.parametrize(
    ("colour", "luma"),
    [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((7, 7, 7), 7)],
)
def test_grey_is_the_luma_of_bt_601(colour, luma):
    np.testing.assert_array_equal(grey_pictures(_one_colour(*colour), 5, 6), luma)


def test_a_small_pixel_is_the_mean_of_its_area():
    values = np.random.default_rng(0).integers(0, 256, size=(3, 24, 40))
    pixels = np.repeat(values[..., None], 3, axis=3).astype(np.uint8)
    means = values.reshape(3, 6, 4, 5, 8).mean(axis=(2, 4))
    assert np.abs(grey_pictures(pixels, 6, 5) - means).max() <= 0.5 + 1e-4


def test_grey_rises_along_viridis():
    table = matplotlib.colormaps["viridis"](np.arange(256))[:, :3]
    strip = np.round(table * 255).astype(np.uint8).reshape(1, 1, 256, 3)
    assert (np.diff(grey_pictures(strip, 1, 256)[0, 0].astype(int)) >= 0).all()


def test_read_only_and_strided_pixels_are_taken():
    pixels = np.random.default_rng(1).integers(0, 256, size=(2, 16, 32, 3)).astype(np.uint8)
    turned = pixels[:, ::-1, ::2]
    turned.flags.writeable = False
    np.testing.assert_array_equal(
        grey_pictures(turned, 8, 8), grey_pictures(np.ascontiguousarray(turned), 8, 8)
    )


def test_levels_give_the_grey_of_their_colours():
    rng = np.random.default_rng(2)
    planes = rng.integers(0, 256, size=(3, 30, 45)).astype(np.uint8)
    painted = Painted(Levels(planes, rng.integers(0, 256, (256, 3)).astype(np.uint8)), tuple("abc"))
    np.testing.assert_array_equal(
        grey.grey_pictures(painted, 14, 9), grey_pictures(painted.pixels, 14, 9)
    )


def test_matrix_runs_from_zero_to_one():
    rows = grey_matrix(np.array([[[0, 255], [51, 102]]], np.uint8))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [[0, 1, 0.2, 0.4]])


def test_standardised_rows_have_mean_zero_and_deviation_one_whatever_the_level():
    small = np.random.default_rng(2).integers(0, 200, size=(4, 8, 8)).astype(np.uint8)
    rows = standardised_rows(small)
    np.testing.assert_allclose(rows.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(rows.std(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(standardised_rows(small + np.uint8(55)), rows, atol=1e-5)


def test_standardised_rows_take_the_square_root():
    rows = standardised_rows(np.array([[[0, 1, 4, 9]]], np.uint8))
    np.testing.assert_allclose(np.diff(rows[0]), np.diff(rows[0])[0], rtol=1e-5)


def test_a_picture_of_one_grey_gives_zeros():
    np.testing.assert_array_equal(standardised_rows(np.full((1, 4, 4), 77, np.uint8)), 0)
