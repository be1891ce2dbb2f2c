"""The band is kept, the rest is gone."""

from __future__ import annotations

import numpy as np
import pytest

from harness import Axis, Inapplicable, ParameterError, Raster, Signals
from harness.pictures.drawing import Drawing
from plugins.improvements.frequency_cropped import FrequencyCropped
from plugins.representations.mel import Mel
from plugins.representations.spectrogram import Spectrogram
from plugins.representations.waveform import Waveform


def make_raster(points: list[float]) -> Raster:
    values = np.arange(2 * len(points) * 3, dtype=np.float32).reshape(2, len(points), 3)
    rows = Axis("frequency", "Hz", np.array(points))
    return Raster(values, rows, Axis("time", "s", np.arange(3.0)), "db")


def test_both_limits_belong_to_the_band() -> None:
    raster = make_raster([0, 10, 20, 30, 40])
    before = raster.values.copy()
    cropped = FrequencyCropped(low=10, high=30).improve(raster)
    assert cropped.rows.points.tolist() == [10, 20, 30]
    assert np.array_equal(cropped.values, raster.values[:, 1:4])
    assert cropped.columns is raster.columns
    assert cropped.scale == "db"
    assert np.array_equal(raster.values, before)


def test_every_channel_is_cropped_alike() -> None:
    cropped = FrequencyCropped(low=5, high=25).improve(make_raster([0, 10, 20, 30] * 2))
    assert cropped.rows.points.tolist() == [10, 20] * 2
    assert np.array_equal(cropped.values, make_raster([0] * 8).values[:, [1, 2, 5, 6]])


@pytest.mark.parametrize("representation", [Spectrogram(), Mel()])
def test_a_tone_outside_the_band_leaves_the_picture(representation: Spectrogram | Mel) -> None:
    times = np.arange(4000) / 2000
    inside = np.sin(2 * np.pi * 240 * times)
    outside = np.sin(2 * np.pi * 800 * times)
    signals = Signals(np.float32([inside, inside + 30 * outside])[:, None], 2000.0)
    plain = Drawing(representation).planes(signals).mean(axis=2).argmax(axis=1)
    cropped = Drawing(representation, (FrequencyCropped(),)).planes(signals)
    assert plain[1] < 224 * 0.25 < plain[0]
    # 240 Hz are the middle of 40 to 440 Hz.
    assert np.abs(cropped.mean(axis=2).argmax(axis=1) - 112).max() < 8


@pytest.mark.parametrize(("low", "high"), [(41.0, 59.0), (500.0, 600.0), (15.0, 25.0)])
def test_a_band_of_fewer_than_two_rows_is_refused(low: float, high: float) -> None:
    with pytest.raises(Inapplicable, match=r"this raster has 5 from 0 to 40 Hz"):
        FrequencyCropped(low=low, high=high).improve(make_raster([0, 10, 20, 30, 40] * 2))


def test_a_band_upside_down_is_refused() -> None:
    with pytest.raises(ParameterError, match="low=440 Hz is not below high=40 Hz"):
        FrequencyCropped(low=440, high=40)


def test_a_waveform_is_refused_before_anything_runs() -> None:
    with pytest.raises(Inapplicable, match="frequency-cropped needs a frequency axis"):
        Drawing(Waveform(), (FrequencyCropped(),)).check()
