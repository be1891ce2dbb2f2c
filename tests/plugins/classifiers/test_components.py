from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from plugins.classifiers.components import principal_components


def _rows(clips: int, columns: int, seed: int = 0):
    """Rows of mean 0 whose directions differ in length."""
    rng = np.random.default_rng(seed)
    least = min(clips, columns)
    lengths = 100 * 0.9 ** np.arange(least)
    left = np.linalg.qr(rng.normal(size=(clips, least)))[0]
    right = np.linalg.qr(rng.normal(size=(columns, least)))[0]
    rows = (left * lengths) @ right.T
    return np.asarray(rows - rows.mean(axis=0), np.float32)


@pytest.mark.parametrize(("clips", "columns"), [(60, 200), (200, 60), (80, 80)])
def test_components_are_those_of_the_exact_decomposition(clips, columns):
    rows = _rows(clips, columns)
    found = principal_components(rows, 8, seed=3)
    expected = np.linalg.svd(rows.astype(np.float64), full_matrices=False)[2][:8]
    np.testing.assert_allclose(np.abs(expected @ found), np.eye(8), atol=1e-4)
    np.testing.assert_allclose(found.T @ found, np.eye(8), atol=1e-5)


@pytest.mark.parametrize(("clips", "columns"), [(90, 300), (300, 90)])
def test_components_are_those_of_scikit_learn_from_the_same_seed(clips, columns):
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(clips, columns)).astype(np.float32)  # nothing settles in four rounds
    rows -= rows.mean(axis=0)
    found = principal_components(rows, 20, seed=5)
    reference = PCA(20, svd_solver="randomized", iterated_power=4, random_state=5).fit(rows)
    turned = np.abs(reference.components_ @ found)
    np.testing.assert_allclose(turned, np.eye(20), atol=2e-3)


def test_a_direction_in_which_nothing_differs_is_left_out():
    rows = _rows(9, 40)
    found = principal_components(rows, 9, seed=0)
    assert found.shape == (40, 8)  # nine rows about their mean
    np.testing.assert_allclose(rows @ found @ found.T, rows, atol=1e-3)


def test_rows_are_not_changed():
    rows = _rows(20, 30)
    before = rows.copy()
    principal_components(rows, 4, seed=0)
    np.testing.assert_array_equal(rows, before)
