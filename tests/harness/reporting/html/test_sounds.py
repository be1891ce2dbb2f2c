"""Sounds in the page: what is heard is the clip, in a rate that browsers take, within a room."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import soundfile

from harness.errors import DatasetError
from harness.reporting.html.sounds import PEAK, Sound, collect_sounds, encode_sound
from harness.reporting.wording.sounds import hearing, megabytes
from harness.values import Clip


def tone(rate: float, hz: float, seconds: float = 1.0, channels: int = 1) -> Clip:
    time_s = np.arange(int(rate * seconds)) / rate
    samples = np.tile(0.1 * np.sin(2 * np.pi * hz * time_s) + 0.05, (channels, 1))
    return Clip("tone", samples.astype(np.float32), rate)


def decoded(sound: Sound | str) -> tuple[np.ndarray, int]:
    assert isinstance(sound, Sound)
    head, _, data = sound.uri.partition(",")
    assert head == "data:audio/wav;base64"
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data)), always_2d=True)
    return samples, rate


def loudest_hz(samples: np.ndarray, rate: int) -> float:
    found = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(np.argmax(found) * rate / len(samples))


@pytest.mark.parametrize(
    ("rate", "hz", "played", "heard_hz", "note"),
    [
        (2000, 150, 8000, 150, ""),  # browsers refuse 2000
        (16000, 1000, 16000, 1000, ""),
        (44100, 3000, 24000, 3000, ""),
        (9765.625, 500, 9766, 500, ""),
        (250_000, 40_000, 24000, 4000, "10 times slower"),
    ],
)
def test_what_is_heard_is_the_clip(
    rate: float, hz: float, played: int, heard_hz: float, note: str
) -> None:
    sound = encode_sound(tone(rate, hz))
    samples, found = decoded(sound)
    assert found == played
    assert isinstance(sound, Sound)
    assert sound.note == note
    assert loudest_hz(samples, found) == pytest.approx(heard_hz, abs=3)
    assert len(samples) / found == pytest.approx(10 if note else 1, abs=0.01)
    assert abs(samples.mean()) < 1e-3
    assert np.abs(samples).max() == pytest.approx(PEAK, abs=0.01)


def test_long_clips_are_cut_and_channels_beyond_two_left_out() -> None:
    sound = encode_sound(tone(8000, 440, seconds=12, channels=3))
    samples, rate = decoded(sound)
    assert samples.shape == (10 * rate, 2)
    assert isinstance(sound, Sound)
    assert sound.note == "first 10 s"


def test_silence_stays_silent_and_what_is_no_sound_says_why() -> None:
    samples, _ = decoded(encode_sound(Clip("none", np.zeros((1, 8000), np.float32), 8000)))
    assert not samples.any()
    assert encode_sound(tone(100, 5)) == "100 samples a second are no sound"
    broken = Clip("nan", np.array([[0.0, np.nan]], np.float32), 8000)
    assert encode_sound(broken) == "some samples are no numbers"


class Reader:
    """Stands in for what reads a run's clips."""

    def clip(self, id: str) -> Clip:
        if id == "gone":
            raise DatasetError("no more")
        return tone(8000, 300, seconds=0.5)


def test_a_clip_stands_once_in_its_first_section_and_the_room_is_kept() -> None:
    one = len(encode_sound(tone(8000, 300, seconds=0.5)).uri)  # type: ignore[union-attr]
    found = collect_sounds(
        [("gallery", ["a", "b"]), ("mistakes", ["b", "c", "gone"])],
        Reader(),  # type: ignore[arg-type]
        2 * one,
    )
    assert {place: list(each) for place, each in found.by_place.items()} == {"gallery": ["a", "b"]}
    assert found.elsewhere("mistakes", "b")
    assert not found.elsewhere("gallery", "b")
    assert not found.elsewhere("mistakes", "c")
    assert found.size == 2 * one
    assert hearing(found) == (
        "2 clips can be heard, each without its offset and at the same peak level: "
        f"{megabytes(2 * one)} of this page. "
        "1 clip cannot be heard: there is no more room in this page. "
        "1 clip cannot be heard: the recordings cannot be read again."
    )


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 kB"), (1, "1 kB"), (999_999, "1000 kB"), (3_400_000, "3.4 MB")]
)
def test_sizes_are_written_as_people_say_them(size: int, words: str) -> None:
    assert megabytes(size) == words
