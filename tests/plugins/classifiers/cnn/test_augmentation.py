from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.classifiers.cnn.augmentation import Augmentation, blank_bands, mixed, shifted
from plugins.classifiers.cnn.pictures import Scale, small_pictures


def pictures(clips, height=4, width=8, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (clips, height, width, 3)).astype(np.uint8)


@given(st.integers(0, 1000), st.sampled_from([0.0, 0.25, 0.5]))
def test_a_shift_turns_columns_round_and_no_further_than_asked(seed, most):
    before = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None], (3, 4, 8, 3))
    after = shifted(before, most, np.random.default_rng(seed))
    for picture in after:
        steps = int(picture[0, 0, 0])
        np.testing.assert_array_equal(picture, np.roll(before[0], -steps, axis=1))
        assert min(steps, 8 - steps) <= most * 8


def test_shifts_differ_from_clip_to_clip_and_reach_both_ends():
    before = np.broadcast_to(np.arange(8, dtype=np.uint8)[:, None], (200, 4, 8, 3))
    firsts = set(shifted(before, 0.25, np.random.default_rng(0))[:, 0, 0, 0].tolist())
    assert firsts == {0, 1, 2, 6, 7}


@given(st.integers(0, 1000))
def test_one_band_of_rows_and_one_of_columns_are_blank_at_most(seed):
    batch = np.ones((2, 8, 16, 3), np.float32)
    blank_bands(batch, 0.25, np.random.default_rng(seed))
    for picture in batch[..., 0] == 0:
        rows, columns = picture.all(axis=1), picture.all(axis=0)
        assert rows.sum() <= 2
        assert columns.sum() <= 4
        np.testing.assert_array_equal(picture, rows[:, None] | columns)
        assert (np.abs(np.diff(rows.astype(int))).sum() + rows[0] + rows[-1]) in (0, 2)


def test_bands_reach_every_row_and_column():
    batch = np.ones((500, 8, 16, 3), np.float32)
    blank_bands(batch, 0.25, np.random.default_rng(0))
    blank = batch[..., 0] == 0
    assert blank.all(axis=2).any(axis=0).all()
    assert blank.all(axis=1).any(axis=0).all()


def test_pictures_are_mixed_as_their_classes_are():
    shares = np.eye(6, dtype=np.float32)
    batch = np.broadcast_to(shares[:, None, None], (6, 2, 2, 6))
    mixture, truth = mixed(batch, shares, 0.2, np.random.default_rng(0))
    np.testing.assert_allclose(mixture, np.broadcast_to(truth[:, None, None], mixture.shape))
    np.testing.assert_allclose(truth.sum(axis=1), 1, rtol=1e-6)
    assert ((truth > 0).sum(axis=1) == 2).any()


def test_nothing_asked_is_nothing_changed():
    pixels = pictures(5)
    scale = Scale.of(pixels)
    nothing = Augmentation(shift=0, mask=0, mixup=0)
    shares = np.eye(5, dtype=np.float32)
    batch, truth = nothing.apply(pixels, shares, scale, np.random.default_rng(0))
    np.testing.assert_array_equal(batch, scale.standardise(pixels))
    np.testing.assert_array_equal(truth, shares)


def test_a_scale_gives_mean_0_and_deviation_1_a_colour():
    pixels = pictures(7)
    pixels[..., 2] = 200
    found = Scale.of(pixels).standardise(pixels).astype(np.float64)
    np.testing.assert_allclose(found.mean(axis=(0, 1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(found.std(axis=(0, 1, 2)), [1, 1, 0], atol=1e-4)


def test_small_pictures_keep_the_mean_of_each_area_and_colour():
    large = pictures(2, 32, 64)
    small = small_pictures(large, 8, 16)
    means = large.reshape(2, 8, 4, 16, 4, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(small, means, atol=0.51)


@pytest.mark.parametrize("clips", [0, 1])
def test_no_clips_give_no_small_pictures(clips):
    assert small_pictures(pictures(clips), 2, 4).shape == (clips, 2, 4, 3)
