"""Clips that can be heard in the page: small WAV files as data URIs, within a room of bytes."""

from __future__ import annotations

import base64
import io
import wave
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from harness.analysis.redrawing import Redrawing
from harness.errors import SightbenchError
from harness.values import Clip

LONGEST_S, ROOM_BYTES = 10.0, 8_000_000
"""Of one clip; of all that a page holds, which may be mailed."""
LOWEST_HZ, SLOWED_HZ, SLOWER = 1000.0, 96_000.0, 10
"""Below, a clip is no sound; above, it is played ten times slower, as for bats."""
PLAYED_HZ = (8000.0, 24_000.0)
"""Browsers refuse lower rates than 3000; higher ones make the page large."""
PEAK = 0.9


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip as a data URI, and what was done to it: "first 10 s", "10 times slower"."""

    uri: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sounds:
    """The clips that can be heard.

    Parameters
    ----------
    by_place
        The sounds of a section, by clip id; a clip of several sections stands in the first.
    size
        Bytes of all of them in the page.
    silent
        Why others cannot be heard, and how many.
    """

    by_place: dict[str, dict[str, Sound]] = field(default_factory=dict)
    size: int = 0
    silent: tuple[tuple[str, int], ...] = ()

    def at(self, place: str, id: str) -> Sound | None:
        """Return the sound of a clip where it stands in this section."""
        return self.by_place.get(place, {}).get(id)

    def elsewhere(self, place: str, id: str) -> bool:
        """Say whether the clip can be heard in another section."""
        return self.at(place, id) is None and any(id in each for each in self.by_place.values())

    @property
    def count(self) -> int:
        """Count them."""
        return sum(map(len, self.by_place.values()))


def collect_sounds(
    places: Sequence[tuple[str, Sequence[str]]], source: Redrawing, room: int = ROOM_BYTES
) -> Sounds:
    """Read and encode the clips of some sections, in their order, until the room is used up."""
    by_place: dict[str, dict[str, Sound]] = {}
    seen, silent, size = set[str](), Counter[str](), 0
    for place, ids in places:
        for id in ids:
            if id in seen:
                continue
            seen.add(id)
            found = _sound(id, source)
            if isinstance(found, Sound) and size + len(found.uri) > room:
                found = "there is no more room in this page"
            if isinstance(found, str):
                silent[found] += 1
                continue
            size += len(found.uri)
            by_place.setdefault(place, {})[id] = found
    return Sounds(by_place, size, tuple(silent.items()))


def _sound(id: str, source: Redrawing) -> Sound | str:
    try:
        clip = source.clip(id)
    except SightbenchError:
        return "the recordings cannot be read again"
    return encode_sound(clip)


def encode_sound(clip: Clip) -> Sound | str:
    """Make a sound of a clip, or say why it is none."""
    if clip.rate < LOWEST_HZ:
        return f"{clip.rate:g} samples a second are no sound"
    if not np.isfinite(clip.samples).all():
        return "some samples are no numbers"
    notes = []
    rate = clip.rate
    if rate > SLOWED_HZ:
        rate /= SLOWER
        notes.append(f"{SLOWER} times slower")
    longest = round(LONGEST_S * rate)
    if clip.samples.shape[1] > longest:
        notes.append(f"first {LONGEST_S:g} s")
    samples = clip.samples[:2, :longest].T.astype(np.float64)
    played = min(max(rate, PLAYED_HZ[0]), PLAYED_HZ[1])
    return Sound(_wav_uri(_resampled(samples, rate, played), played), ", ".join(notes))


def _resampled(samples: NDArray[np.float64], rate: float, played: float) -> NDArray[np.float64]:
    if rate == played:
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, rate, played), np.float64)


def _wav_uri(samples: NDArray[np.float64], rate: float) -> str:
    """Encode samples [shape=(n, channels)] as 16-bit PCM, without offset, all at one peak level."""
    level = samples - samples.mean(axis=0, keepdims=True)
    peak = np.abs(level).max(initial=0.0)
    scaled = level * (PEAK * 32767 / peak) if peak > 0 else level
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setparams((samples.shape[1], 2, round(rate), 0, "NONE", ""))
        file.writeframes(np.round(scaled).astype("<i2").tobytes())
    return f"data:audio/wav;base64,{base64.b64encode(data.getvalue()).decode()}"
