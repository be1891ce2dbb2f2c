from __future__ import annotations

import numpy as np
import pytest
from skimage.feature import hog

from harness import ParameterError
from plugins.classifiers.gradients import cell_histograms, oriented_gradients
from plugins.classifiers.hog_svm import HogSvm


@pytest.mark.parametrize(
    ("shape", "cell", "orientations", "block"),
    [((64, 64), 8, 9, 2), ((64, 48), 8, 12, 2), ((50, 70), 6, 9, 3), ((33, 47), 8, 5, 1)],
)
def test_agrees_with_scikit_image(shape, cell, orientations, block):
    grey = np.random.default_rng(0).integers(0, 256, size=(3, *shape)).astype(np.uint8)
    grey[0, :, 10:20] = 40
    expected = [
        hog(
            picture,
            orientations=orientations,
            pixels_per_cell=(cell, cell),
            cells_per_block=(block, block),
            block_norm="L2-Hys",
        )
        for picture in grey
    ]
    found = oriented_gradients(grey, cell=cell, orientations=orientations, block=block)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("degrees", [10, 50, 90, 130, 170])
def test_a_ramp_fills_the_bin_of_its_direction(degrees):
    row, column = np.mgrid[:32, :32]
    angle = np.deg2rad(degrees)
    ramp = 128 + 4 * (column * np.cos(angle) + row * np.sin(angle) - 16)
    cells = cell_histograms(np.clip(ramp, 0, 255).astype(np.uint8)[None], 8, 9)
    inner = cells[0, 1:3, 1:3]
    assert (inner.argmax(axis=-1) == degrees // 20).all()
    assert (inner.max(axis=-1) > 0.6 * inner.sum(axis=-1)).all()


def test_a_picture_of_one_grey_has_no_gradient():
    np.testing.assert_array_equal(oriented_gradients(np.full((1, 32, 32), 9, np.uint8)), 0)


def test_contrast_does_not_matter():
    low = np.random.default_rng(1).integers(0, 100, size=(1, 32, 32)).astype(np.uint8)
    np.testing.assert_allclose(oriented_gradients(low), oriented_gradients(low * 2), atol=1e-5)


def test_a_picture_too_small_for_its_cells_is_refused():
    with pytest.raises(ParameterError, match="does not hold 2 cells of 40"):
        HogSvm(size=64, cell=40)
