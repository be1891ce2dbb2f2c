"""Levels in few bytes, and back to the same levels."""

from __future__ import annotations

import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Signals
from harness.pictures.drawing import Drawing
from harness.pictures.packing import pack, unpack
from harness.pictures.planes import WORTHWHILE, cells_of, planes
from harness.values import Axis, PictureSettings, Raster
from plugins.datasets.right_whale import RightWhale
from plugins.improvements.frequency_cropped import FrequencyCropped
from plugins.improvements.noise_removed import NoiseRemoved
from plugins.representations.mel import Mel
from plugins.representations.spectrogram import Spectrogram


def raster_of(values, scale="db"):
    rows, columns = values.shape[1:]
    return Raster(
        values,
        Axis("frequency", "Hz", np.arange(float(rows))),
        Axis("time", "s", np.arange(float(columns))),
        scale,
    )


def packed(raster, settings):
    """Return pictures, and the same after packing, and the bytes that they took."""
    drawn = planes(raster, settings)
    data = [pack(each).data for each in cells_of(raster, settings)]
    back = np.empty_like(drawn)
    for one, plane in zip(data, back, strict=True):
        unpack(one, plane)
    return drawn, back, data


@given(
    rows=st.integers(1, 40),
    columns=st.integers(1, 40),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    scale=st.sampled_from(["power", "db", "coverage"]),
    exponent=st.integers(-44, 38),
    seed=st.integers(0, 99),
)
def test_any_raster_in_any_size_comes_back_level_for_level(
    rows, columns, height, width, scale, exponent, seed
):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((2, rows, columns)).clip(-3, 3).astype(np.float32)
    factor = np.float32(1 / 3 if scale == "coverage" else 10.0**exponent)
    values = (np.abs(values) if scale == "coverage" else values) * factor
    drawn, back, _ = packed(raster_of(values, scale), PictureSettings(height, width))
    np.testing.assert_array_equal(back, drawn)


@pytest.mark.parametrize("value", [0.0, -1e30, 3.4e38])
def test_a_clip_that_is_the_same_everywhere(value):
    values = np.full((1, 8, 8), value, np.float32)
    drawn, back, _ = packed(raster_of(values), PictureSettings(64, 64))
    np.testing.assert_array_equal(back, drawn)


def test_a_range_beyond_single_precision():
    values = np.array([[[-3.4e38, 3.4e38], [0, 1]]], np.float32)
    drawn, back, _ = packed(raster_of(values), PictureSettings(64, 64))
    np.testing.assert_array_equal(back, drawn)


def test_cells_are_kept_only_where_they_are_fewer():
    values = np.zeros((1, 30, 30), np.float32)
    side = int(30 * WORTHWHILE**0.5) + 1
    kinds = {
        size: cells_of(raster_of(values), PictureSettings(*size)).dtype
        for size in ((side, side), (side - 2, side - 2), (29, 500))
    }
    assert kinds == {(side, side): np.uint16, (side - 2, side - 2): np.uint8, (29, 500): np.uint8}


def test_pictures_that_differ_by_less_than_a_level_are_told_to_look_the_same():
    first = np.arange(64, dtype=np.uint16).reshape(8, 8) * 64
    same, other = first + np.uint16(15), first + np.uint16(16)
    levels = [pack(each).levels for each in (first, same, other)]
    assert np.array_equal(levels[0], levels[1])
    assert not np.array_equal(levels[0], levels[2])


def test_whales_take_less_than_14_kb_a_picture(real_data):
    dataset = RightWhale(path=str(real_data / "right_whale_replica.zip"))
    clips = [dataset.read(entry) for entry in dataset.entries()[::200]]
    signals = Signals(np.stack([clip.samples for clip in clips]), clips[0].rate)
    better = (NoiseRemoved(), FrequencyCropped())
    ways = [Drawing(Spectrogram()), Drawing(Mel()), Drawing(Spectrogram(), better)]
    sizes = []
    for way in ways:
        drawn, back, data = packed(way.raster(signals), way.settings)
        np.testing.assert_array_equal(back, drawn)
        sizes.append(np.mean([len(each) for each in data]))
    assert max(sizes) < 14_000, sizes


def test_packing_leaves_no_lock_behind_where_its_process_is_killed(tmp_path):
    script = """
import multiprocessing, os, signal
import numpy as np
multiprocessing.set_start_method("spawn")
from harness.pictures.packing import pack
pack(np.zeros((16, 16), np.uint16))
from multiprocessing import resource_tracker
print(resource_tracker._resource_tracker._pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert done.stdout == "None\n"
    assert done.stderr == ""
