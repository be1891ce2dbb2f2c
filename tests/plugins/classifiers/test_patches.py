from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from harness import ParameterError
from plugins.classifiers import patches
from plugins.classifiers.patches_logistic import PatchesLogistic


@pytest.fixture(scope="module")
def grey():
    return np.random.default_rng(0).integers(0, 256, size=(40, 17, 14)).astype(np.uint8)


@pytest.fixture(scope="module")
def dictionary(grey):
    return patches.learn_dictionary(grey, side=4, stride=3, words=9, samples=800, parts=2, seed=1)


def _described_slowly(picture, dictionary):
    """Encode one picture patch by patch, as the paper writes it."""
    side, stride = dictionary.side, dictionary.stride
    down = range(0, picture.shape[0] - side + 1, stride)
    across = range(0, picture.shape[1] - side + 1, stride)
    active = np.zeros((len(down), len(across), len(dictionary.words)))
    for i, top in enumerate(down):
        for j, left in enumerate(across):
            patch = picture[top : top + side, left : left + side].astype(float).ravel()
            patch = (patch - patch.mean()) / np.sqrt(patch.var() + patches.VARIANCE_FLOOR)
            white = (patch - dictionary.centre) @ dictionary.whitening
            distance = np.array([np.linalg.norm(white - word) for word in dictionary.words])
            active[i, j] = np.maximum(0, distance.mean() - distance)
    half_down, half_across = (len(down) + 1) // 2, (len(across) + 1) // 2
    return np.concatenate(
        [
            part.mean(axis=(0, 1))
            for rows in (active[:half_down], active[half_down:])
            for part in (rows[:, :half_across], rows[:, half_across:])
        ]
    )


def test_describing_agrees_with_a_plain_loop(grey, dictionary):
    expected = [_described_slowly(picture, dictionary) for picture in grey[:3]]
    np.testing.assert_allclose(dictionary.describe(grey[:3]), expected, atol=1e-4)


def test_describing_does_not_depend_on_the_batch(grey, dictionary):
    single = [dictionary.describe(grey[row : row + 1])[0] for row in range(len(grey))]
    np.testing.assert_allclose(dictionary.describe(grey), single, atol=1e-5)


def test_whitening_leaves_of_each_direction_what_the_floor_allows():
    rng = np.random.default_rng(3)
    rows = (rng.normal(size=(4000, 6)) @ rng.normal(size=(6, 6)) * 3).astype(np.float32)
    centre, whitening = patches.zca(rows)
    before = np.linalg.eigvalsh(np.cov(rows, rowvar=False))
    after = np.linalg.eigvalsh(np.cov((rows - centre) @ whitening, rowvar=False))
    np.testing.assert_allclose(after, before / (before + patches.WHITENING_FLOOR), rtol=1e-3)
    np.testing.assert_allclose(whitening, whitening.T, atol=1e-6)


def test_distances_agree_with_scipy(grey, dictionary):
    cut = patches.all_patches(grey, dictionary.side, dictionary.stride).reshape(-1, 16)
    level = patches.normalised(cut)
    white = patches.whitened(level, dictionary.centre, dictionary.whitening)
    found = dictionary.distances(cut)
    np.testing.assert_allclose(found, cdist(white, dictionary.words), atol=1e-4)


def test_the_distance_of_a_word_to_itself_is_no_root_of_less_than_nothing(grey, dictionary):
    flat = np.zeros((1, 16), np.uint8)
    white = patches.whitened(patches.normalised(flat), dictionary.centre, dictionary.whitening)
    same = dataclasses.replace(dictionary, words=np.concatenate([white, dictionary.words]))
    assert same.distances(flat)[0, 0] == pytest.approx(0, abs=2e-3)
    np.testing.assert_array_equal(patches.roots(np.array([[-1e-6, 4.0]], np.float32)), [[0, 2]])


def test_the_triangle_keeps_what_is_nearer_than_the_mean():
    active = patches.triangle(np.array([[1.0, 2.0, 6.0]], np.float32))
    np.testing.assert_allclose(active, [[2, 1, 0]])


def test_patches_are_cut_where_they_lie(grey):
    cut = patches.all_patches(grey, 4, 3)
    assert cut.shape == (40, 5, 4, 16)
    np.testing.assert_array_equal(cut[7, 2, 1], grey[7, 6:10, 3:7].ravel())


def test_no_more_words_than_distinct_patches():
    stripes = np.zeros((2, 8, 8), np.uint8)
    stripes[:, :, ::2] = 255
    found = patches.learn_dictionary(
        stripes, side=3, stride=1, words=50, samples=200, parts=1, seed=0
    )
    assert len(found.words) == 2


def test_a_picture_too_small_for_its_parts_is_refused():
    with pytest.raises(ParameterError, match=r"has 1 places for a patch of 8 .* parts=4"):
        PatchesLogistic(size=8)


@pytest.mark.parametrize("kinds", [1, 3, 40, 90])
def test_distinct_patches_are_counted_as_numpy_counts_them(kinds):
    rng = np.random.default_rng(kinds)
    rows = rng.normal(size=(kinds, 4)).astype(np.float32)
    rows = rows[np.sort(rng.integers(kinds, size=3000))]  # the same stand side by side
    expected = min(len(np.unique(rows, axis=0)), 50)
    assert patches.distinct(rows, 50) == expected


@pytest.mark.parametrize(("places", "parts"), [(13, 4), (5, 5), (7, 1)])
def test_pooling_averages_each_part(places, parts):
    active = np.random.default_rng(0).random((3, places, places, 2)).astype(np.float32)
    cut = np.array_split(np.arange(places), parts)
    expected = [active[:, row][:, :, column].mean(axis=(1, 2)) for row in cut for column in cut]
    found = patches.pooled(active, parts)
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), atol=1e-6)
