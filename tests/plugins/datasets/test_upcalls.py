"""The embedded generator of up-calls."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import scipy.signal

from harness import BadClip
from plugins.datasets import ocean
from plugins.datasets.upcalls import OTHER, UPCALL, Upcalls


def waves(dataset: Upcalls) -> tuple[np.ndarray, np.ndarray]:
    entries = dataset.entries()
    samples = np.stack([dataset.read(entry).samples[0] for entry in entries])
    return samples, np.array([entry.label for entry in entries])


def test_clips_are_two_seconds_at_two_kilohertz_in_sixteen_bits() -> None:
    dataset = Upcalls(clips=40)
    clip = dataset.read(dataset.entries()[7])
    assert (clip.samples.shape, clip.rate) == ((1, 4000), 2000.0)
    pulses = clip.samples * 32768
    np.testing.assert_array_equal(pulses, np.round(pulses))
    assert 10 < np.abs(pulses).max() <= 32768


def test_classes_are_balanced_in_every_session() -> None:
    entries = Upcalls(clips=400).entries()
    assert len({entry.id for entry in entries}) == 400
    for start in range(0, 400, ocean.SESSION_CLIPS):
        session = entries[start : start + ocean.SESSION_CLIPS]
        assert len({entry.group for entry in session}) == 1
        assert [entry.label for entry in session].count(UPCALL) == ocean.SESSION_CLIPS // 2
    assert len({entry.group for entry in entries}) == 20
    assert [entry.position for entry in entries] == [float(index) for index in range(400)]
    assert {entry.label for entry in entries} == {UPCALL, OTHER}


def test_a_clip_depends_on_seed_and_number_alone() -> None:
    few, many = Upcalls(clips=40, seed=3), Upcalls(clips=4000, seed=3)
    listed = many.entries()
    for entry in reversed(few.entries()):
        same = pickle.loads(pickle.dumps(many)).read(listed[int(entry.position or 0)])
        assert same.samples.tobytes() == few.read(entry).samples.tobytes()
        assert (same.id, same.label, same.group) == (entry.id, entry.label, entry.group)


def test_another_seed_gives_other_clips() -> None:
    one, other = Upcalls(clips=20), Upcalls(clips=20, seed=1)
    assert not {e.id for e in one.entries()} & {e.id for e in other.entries()}
    assert waves(one)[0].tobytes() != waves(other)[0].tobytes()


def test_no_two_clips_are_alike() -> None:
    samples, _ = waves(Upcalls(clips=60))
    assert len({each.tobytes() for each in samples}) == 60


def test_an_upcall_rises_through_its_band() -> None:
    loud = Upcalls(clips=80, snr_db=25, snr_spread_db=0, clutter=0)
    samples, labels = waves(loud)
    hz, _, power = scipy.signal.spectrogram(samples, 2000, nperseg=256, noverlap=224)
    energy = power.sum(axis=1)
    for clip, sound in zip(power[labels == UPCALL], energy[labels == UPCALL], strict=True):
        heard = np.flatnonzero(sound > 0.1 * sound.max())
        track = hz[clip.argmax(axis=0)][heard]
        assert 50 <= track[0] <= 150
        assert 100 <= track[-1] <= 340
        assert np.polyfit(np.arange(len(track)), track, 1)[0] > 0


def test_the_level_is_what_was_asked_for() -> None:
    """While it lasts (0.85 s of 2 s on average) the call has `snr_db` over the band's noise."""
    silent = {"snr_spread_db": 0, "clutter": 0, "clips": 400}
    band = scipy.signal.butter(6, (50, 300), "bandpass", fs=2000, output="sos")

    def power(snr_db: float) -> np.ndarray:
        samples, labels = waves(Upcalls(snr_db=snr_db, **silent))
        return np.mean(scipy.signal.sosfilt(band, samples[labels == UPCALL]) ** 2, axis=1)

    noise = power(-80)
    for snr_db in (0, 10):
        ratio = np.median((power(snr_db) - noise) / noise)
        assert 10 * np.log10(ratio) == pytest.approx(snr_db + 10 * np.log10(0.85 / 2), abs=1.5)


def test_clutter_stands_in_both_classes_and_can_be_switched_off() -> None:
    loud, labels = waves(Upcalls(clips=200, snr_db=-80, snr_spread_db=0))
    plain, _ = waves(Upcalls(clips=200, snr_db=-80, snr_spread_db=0, clutter=0))

    def peaks(samples: np.ndarray) -> np.ndarray:
        _, _, power = scipy.signal.spectrogram(samples, 2000, nperseg=256, noverlap=224)
        return power.max(axis=(1, 2)) / np.median(power, axis=(1, 2))

    limit = np.quantile(peaks(plain), 0.99)
    cluttered = peaks(loud) > limit
    assert 0.1 < cluttered[labels == UPCALL].mean() < cluttered[labels == OTHER].mean() < 1


def test_a_session_shares_its_noise() -> None:
    """Clips of a session have spectra that are more alike than clips of different sessions."""
    samples, _ = waves(Upcalls(clips=400, snr_db=-80, snr_spread_db=0, clutter=0))
    _, _, power = scipy.signal.spectrogram(samples, 2000, nperseg=256, noverlap=224)
    floor = np.log(power.mean(axis=2)).reshape(20, 20, -1)
    within = floor.var(axis=1).mean()
    assert floor.mean(axis=1).var(axis=0).mean() > 3 * within


def test_an_entry_of_another_dataset_is_refused() -> None:
    entry = Upcalls(clips=40).entries()[-1]
    with pytest.raises(BadClip, match="none of the 20 clips"):
        Upcalls(clips=20).read(entry)
    with pytest.raises(BadClip, match="none of the"):
        Upcalls(clips=20, seed=1).read(Upcalls(clips=20).entries()[0])
    with pytest.raises(BadClip, match="none of the"):
        Upcalls().read(replace(entry, id="whale.wav"))


def test_every_table_says_synthetic() -> None:
    assert Upcalls.synthetic
