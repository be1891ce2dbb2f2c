from __future__ import annotations

import numpy as np
import pytest

from harness.measuring.timing import Stopwatch
from harness.pictures.drawing import Drawing
from harness.running.beginnings import Beginnings
from harness.values import Axis, Raster, Signals
from plugins.representations.mel import Mel


def _signals(seed=0, clips=3):
    return Signals(np.random.default_rng(seed).normal(size=(clips, 1, 400)).astype(np.float32), 100)


@pytest.fixture
def mel():
    return Mel(n_mels=8)


@pytest.fixture
def calls(monkeypatch, mel):
    """Batches that the mel spectrogram was asked for."""
    asked, raster = [], type(mel).raster

    def counted(self, signals):
        asked.append(len(signals))
        return raster(self, signals)

    monkeypatch.setattr(type(mel), "raster", counted)
    return asked


def _begun(mel, ways=2):
    return Beginnings.of([Drawing(mel)] * ways)


def test_what_two_ways_begin_with_is_made_once_a_batch(mel, calls):
    begun, batches = _begun(mel), [_signals(0), _signals(1, clips=2)]
    first = [begun.raster(mel, each, place) for place, each in enumerate(batches)]
    again = [begun.raster(mel, each, place) for place, each in enumerate(batches)]
    assert calls == [3, 2]
    for one, other, signals in zip(first, again, batches, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(one.values, mel.raster(signals).values)


@pytest.mark.parametrize("other", [Mel(n_mels=9), None])
def test_what_only_one_way_begins_with_is_not_kept(mel, calls, other):
    begun = Beginnings.of([Drawing(each) for each in (mel, other) if each is not None])
    for _ in range(2):
        begun.raster(mel, _signals(), 0)
    assert calls == [3, 3]


def test_who_is_handed_a_raster_is_charged_for_it(mel):
    begun, watch = _begun(mel), Stopwatch()
    for _ in range(2):
        with begun.timed(watch, 3):
            begun.raster(mel, _signals(), 0)
    made_, handed = watch.laps["represent"]
    assert begun.spared_s > 0
    assert handed.seconds >= begun.spared_s
    assert made_.seconds >= begun.spared_s


def test_no_more_is_kept_than_there_is_room_for(mel, calls, monkeypatch):
    size = mel.raster(_signals()).values.nbytes
    calls.clear()
    begun = _begun(mel)
    begun._room = size
    for _ in range(2):
        for place in range(2):
            begun.raster(mel, _signals(place), place)
    assert calls == [3, 3, 3]


def test_an_array_that_its_plugin_writes_into_again_is_not_handed_on(mel, monkeypatch):
    scratch = np.empty((3, 2, 2), np.float32)

    def raster(self, signals):
        scratch[:] = signals.samples[0, 0, 0]
        axes = Axis("frequency", "Hz", np.arange(2.0)), Axis("time", "s", np.arange(2.0))
        return Raster(scratch[:], *axes, "db")

    monkeypatch.setattr(type(mel), "raster", raster)
    begun = _begun(mel)
    for place in (0, 1, 0, 1):
        signals = _signals(place)
        values = begun.raster(mel, signals, place).values
        assert (values == signals.samples[0, 0, 0]).all()


def test_what_is_no_raster_is_handed_back_as_it_is(mel, monkeypatch):
    monkeypatch.setattr(type(mel), "raster", lambda self, signals: None)
    assert _begun(mel).raster(mel, _signals(), 0) is None
