"""What recurrence plots, Gramian fields and Markov fields have in common."""

from __future__ import annotations

import numpy as np
import pytest

from harness import Inapplicable, PictureSettings, Representation, Signals
from harness.pictures.drawing import Drawing
from plugins.representations.gramian import Gramian
from plugins.representations.markov import Markov
from plugins.representations.recurrence import Recurrence

ALL = (
    Recurrence(),
    Recurrence(dimension=3, delay=2, threshold=0.1),
    Gramian(),
    Gramian(method="difference"),
    Markov(),
)
named = pytest.mark.parametrize("picture", ALL, ids=lambda each: f"{each.name}-{ALL.index(each)}")


def walks(clips: int, n: int, channels: int = 1) -> Signals:
    steps = np.random.default_rng(0).standard_normal((clips, channels, n))
    return Signals(steps.cumsum(axis=2).astype(np.float32), 50.0)


@named
@pytest.mark.parametrize("n", [1, 2, 3, 150, 224, 225, 1001, 20_000])
def test_series_of_any_length_are_drawn(picture: Representation, n: int) -> None:
    if isinstance(picture, Recurrence) and n <= (picture.dimension - 1) * picture.delay:
        with pytest.raises(Inapplicable, match="lower dimension or delay"):
            picture.raster(walks(2, n))
        return
    raster = picture.raster(walks(2, n))
    assert raster.values.shape[1] == raster.values.shape[2] <= min(n, 224)
    assert np.isfinite(raster.values).all()
    assert (raster.values >= 0).all()
    assert (raster.values <= 1 + 1e-6).all()


@named
@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("n", [61, 1003])
def test_the_batch_does_not_matter(picture: Representation, size: int, n: int) -> None:
    signals = walks(20, n)
    before = signals.samples.copy()
    whole = picture.raster(signals).values
    parts = [
        picture.raster(Signals(signals.samples[start : start + size], 50.0)).values
        for start in range(0, 20, size)
    ]
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    assert np.array_equal(signals.samples, before)


@named
def test_level_and_unit_change_nothing(picture: Representation) -> None:
    signals = walks(3, 400)
    moved = Signals(signals.samples * np.float32(1024), 50.0)
    assert np.allclose(picture.raster(moved).values, picture.raster(signals).values, atol=1e-5)
    largest = Signals(np.float32([[[3e38, -3e38, 0, 1e38, -1e38, 3e38, 1]]]), 50.0)
    assert np.isfinite(picture.raster(largest).values).all()


@named
def test_channels_are_stacked_each_by_itself(picture: Representation) -> None:
    signals = walks(2, 300, channels=2)
    loud = signals.samples * np.float32([[1], [1024]])
    both = picture.raster(Signals(loud, 50.0))
    half = len(both.columns)
    for channel in (0, 1):
        alone = picture.raster(Signals(signals.samples[:, [channel]], 50.0))
        rows = both.values[:, channel * half : (channel + 1) * half]
        assert np.allclose(rows, alone.values, atol=1e-6)
    assert np.array_equal(both.rows.points, np.tile(both.columns.points, 2))


@named
@pytest.mark.parametrize("level", [0.0, 0.1, -7.0])
@pytest.mark.parametrize("n", [9, 999])
def test_what_never_changes_is_one_colour(picture: Representation, level: float, n: int) -> None:
    raster = picture.raster(Signals(np.full((1, 1, n), level, np.float32), 50.0))
    assert np.ptp(raster.values) == 0
    pixels = Drawing(picture, (), PictureSettings(32, 32)).pixels(Signals(raster.values, 50.0))
    assert np.isfinite(pixels).all()


@named
def test_both_axes_are_time(picture: Representation) -> None:
    raster = picture.raster(walks(1, 1000))
    assert (raster.rows.name, raster.columns.name) == picture.axes == ("time", "time")
    assert (raster.rows.unit, raster.columns.unit) == ("s", "s")
    assert 0 < raster.columns.points[0] < raster.columns.points[-1] < 1000 / 50
