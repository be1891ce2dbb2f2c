"""Local binary patterns, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from harness import Features, ParameterError, Pictures
from plugins.classifiers.patterns import PATTERNS, pattern_counts
from plugins.classifiers.texture_svm import TextureSvm


def counts(picture: object, rows: int = 1, columns: int = 1, radii: int = 1) -> np.ndarray:
    """Return the counts of one picture [shape=(radii, rows, columns, patterns)]."""
    grey = np.asarray(picture, np.uint8)[None]
    found = pattern_counts(grey, rows=rows, columns=columns, radii=radii)
    return found.reshape(radii, rows, columns, PATTERNS)


@pytest.fixture
def speckle() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (48, 64), dtype=np.uint8)


def test_every_pixel_is_counted_once_for_each_radius(speckle: np.ndarray) -> None:
    found = counts(speckle, rows=6, columns=4, radii=3)
    assert (found.sum(axis=3) == 8 * 16).all()
    assert counts(speckle[:47, :61], rows=5, columns=7, radii=2).sum() == 2 * 47 * 61


def test_scikit_image_is_counted_cell_by_cell(speckle: np.ndarray) -> None:
    from skimage.feature import local_binary_pattern

    found = counts(speckle, rows=6, columns=4, radii=2)
    codes = local_binary_pattern(speckle, 8, 2, "nri_uniform")
    for row in range(6):
        for column in range(4):
            cell = codes[8 * row : 8 * row + 8, 16 * column : 16 * column + 16]
            expected = np.histogram(cell, np.arange(PATTERNS + 1))[0]
            assert found[1, row, column].tolist() == expected.tolist()


def test_one_grey_is_one_pattern_away_from_the_edges() -> None:
    # Beyond its edge the picture counts as black, so only the inside is the same all round.
    found = counts(np.full((16, 16), 90))
    assert found.max() == 14 * 14


def test_brightness_and_contrast_change_nothing(speckle: np.ndarray) -> None:
    soft = speckle // 4
    inner = np.s_[1:-1]
    assert np.array_equal(counts(2 * soft + 40)[inner], counts(soft)[inner])


def test_a_rise_and_a_fall_are_other_patterns() -> None:
    rise = np.add.outer(np.arange(32), np.arange(32)) * 4
    one, other = counts(rise)[0, 0, 0], counts(rise[::-1])[0, 0, 0]
    assert np.minimum(one, other).sum() < 0.2 * one.sum()


def test_a_cell_knows_not_where_in_it_something_is_but_the_next_cell_knows_nothing_of_it() -> None:
    base = np.full((32, 32), 100, np.uint8)
    low, high = base.copy(), base.copy()
    low[4:6, 4:6], high[9:11, 9:11] = 200, 200
    one, other = counts(low, rows=2, columns=2), counts(high, rows=2, columns=2)
    assert np.array_equal(one, other)
    assert np.array_equal(one[0, 1, 1], counts(base, rows=2, columns=2)[0, 1, 1])


def test_counts_are_as_small_as_they_can_be(speckle: np.ndarray) -> None:
    assert pattern_counts(speckle[None], rows=6, columns=4, radii=1).dtype == np.uint8
    assert pattern_counts(speckle[None], rows=1, columns=1, radii=1).dtype == np.uint16


def test_what_does_not_fit_the_picture_is_refused() -> None:
    with pytest.raises(ParameterError, match="does not hold a circle of radius 9"):
        TextureSvm(size=16, radii=9)
    with pytest.raises(ParameterError, match="does not hold 20 x 4 cells"):
        TextureSvm(size=16, rows=20)


def test_a_texture_is_learnt_that_stands_anywhere_in_its_cell() -> None:
    rng = np.random.default_rng(0)
    labels = np.array(["rise", "fall"] * 60)
    pixels = rng.integers(80, 120, (120, 64, 64))
    for picture, label in zip(pixels, labels, strict=True):
        row, column = rng.integers(0, 40, 2)
        stripe = np.eye(24, dtype=int) + np.eye(24, k=1, dtype=int)
        picture[row : row + 24, column : column + 24] += 60 * (
            stripe if label == "fall" else stripe[::-1]
        )
    rgb = np.repeat(pixels[..., None], 3, axis=3).astype(np.uint8)
    ids = tuple(f"{row:03d}" for row in range(120))
    classifier = TextureSvm(rows=2, columns=2)
    values = classifier.features(Pictures(rgb, ids))
    train, asked = Features(values[:80], ids[:80]), Features(values[80:], ids[80:])
    fitted = classifier.fit(train, labels[:80], np.random.default_rng(0))
    assert np.mean(np.asarray(fitted.predict(asked).labels) == labels[80:]) > 0.85
