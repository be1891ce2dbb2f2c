"""Computed recordings of any length, block by block, with the up-calls that are in them.

Noise and ships are drawn in segments of 2 s that fade into each other over a second (sine
windows, whose squares add up to one, so the level stays even); knocks, grunts and song are
added in stretches of 2 s, as often in those without a call as in those with one. Up-calls come
at random times, as a Poisson process, but for those that would begin within 2 s of another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness import BadClip
from plugins.datasets.annotations.selections import Selections
from plugins.datasets.ocean import (
    LENGTH,
    RATE_HZ,
    Session,
    Wave,
    add_clutter,
    add_ship,
    add_upcall,
    draw_noise,
    make_session,
)

FULL_SCALE = 32768
UPCALL = "upcall"
PASSAGE_S = 120.0
"""How long a ship, or none, is near."""
SESSIONS = 10**6
"""Numbers of sessions that a recording has for itself."""

_HALF = LENGTH // 2
_FADE = np.sin(np.pi * (np.arange(LENGTH) + 0.5) / LENGTH).astype(np.float32)
_CALLS, _CALL, _NOISE, _CLUTTER = range(2, 6)
"""Streams of random numbers."""


class Sea(NamedTuple):
    """What all recordings of a soundscape share."""

    seed: int
    calls_per_hour: float
    snr_db: float
    snr_spread_db: float
    clutter: float


@dataclass(frozen=True)
class SyntheticRecording:
    """One recording; any stretch of it is computed from the seed and its number alone.

    Parameters
    ----------
    number
        Which recording of the soundscape.
    frames
        Samples, at 2 kHz.
    """

    sea: Sea
    number: int
    frames: int
    rate: float = RATE_HZ
    channels: int = 1

    @cached_property
    def selections(self) -> Selections:
        """Where its up-calls are, in time and frequency."""
        boxes = [self._call(place)[1] for place in range(len(self._offsets))]
        table = np.round(np.array(boxes, dtype=np.float64).reshape(-1, 4), 6)
        begins = self._offsets / self.rate
        return Selections.of(
            np.round(begins + table[:, 0], 6),
            np.round(begins + table[:, 1], 6),
            [UPCALL] * len(table),
            low_hz=table[:, 2],
            high_hz=table[:, 3],
            channels=np.ones(len(table)),
        )

    def read(self, first: int, count: int) -> Wave:
        """Compute samples [shape=(1, count)] from a place on.

        Raises
        ------
        BadClip
            They reach over an end.
        """
        if first < 0 or count < 1 or first + count > self.frames:
            raise BadClip(f"lies outside of a recording that has {self.frames / self.rate:g} s")
        numbers = range(first // LENGTH, (first + count - 1) // LENGTH + 1)
        whole = np.concatenate([self._block(number) for number in numbers])
        begin = first - numbers[0] * LENGTH
        return np.ascontiguousarray(whole[None, begin : begin + count])

    @cached_property
    def _offsets(self) -> NDArray[np.intp]:
        """Where the 2 s that hold a call begin, in samples."""
        rng = np.random.default_rng((self.sea.seed, _CALLS, self.number))
        spare = self.frames - LENGTH
        hours = self.frames / self.rate / 3600
        count = max(int(rng.poisson(self.sea.calls_per_hour * hours)), 1) if spare > 0 else 0
        drawn = np.sort(rng.integers(0, max(spare, 1), count))
        kept: list[int] = []
        for offset in drawn.tolist():
            if not kept or offset - kept[-1] >= LENGTH:
                kept.append(offset)
        return np.array(kept, dtype=np.intp)

    def _call(self, place: int) -> tuple[Wave, tuple[float, float, float, float]]:
        rng = np.random.default_rng((self.sea.seed, _CALL, self.number, place))
        wave = np.zeros(LENGTH, dtype=np.float32)
        snr_db = rng.normal(self.sea.snr_db, self.sea.snr_spread_db)
        return wave, add_upcall(wave, snr_db, rng)

    @cached_property
    def _own(self) -> Session:
        """Colour and level of the noise, for the whole recording."""
        return make_session(self.sea.seed, self.sea.clutter, self.number * SESSIONS)

    def _ship(self, segment: int) -> Session:
        passage = int(segment * _HALF / self.rate / PASSAGE_S)
        return self._sessions(self.number * SESSIONS + 1 + passage)

    @cached_property
    def _sessions(self) -> Callable[[int], Session]:
        return lru_cache(maxsize=4)(partial(make_session, self.sea.seed, self.sea.clutter))

    @cached_property
    def _segment(self) -> Callable[[int], Wave]:
        return lru_cache(maxsize=4)(self._draw_segment)

    @cached_property
    def _block(self) -> Callable[[int], Wave]:
        return lru_cache(maxsize=4)(self._compute_block)

    def _draw_segment(self, segment: int) -> Wave:
        """Draw 2 s of noise and ship, faded in and out; segment n is loudest at n seconds."""
        rng = np.random.default_rng((self.sea.seed, _NOISE, self.number, segment))
        wave = draw_noise(self._own.colour, rng)
        add_ship(wave, self._ship(segment), rng)
        return wave * _FADE

    def _compute_block(self, block: int) -> Wave:
        """Add up 2 s, in 16 bits [shape=(4000,)]."""
        before, middle, after = (self._segment(2 * block + place) for place in range(3))
        wave = middle.copy()
        wave[:_HALF] += before[_HALF:]
        wave[_HALF:] += after[:_HALF]
        rng = np.random.default_rng((self.sea.seed, _CLUTTER, self.number, block))
        add_clutter(wave, self._own, True, rng)
        self._add_calls(wave, block * LENGTH)
        pulses = np.round(wave * np.float32(self._own.level * FULL_SCALE))
        pulses += 0.0  # a zero below zero would not come back from a file
        return (np.clip(pulses, -FULL_SCALE, FULL_SCALE - 1) / FULL_SCALE).astype(np.float32)

    def _add_calls(self, wave: Wave, begin: int) -> None:
        first, stop = np.searchsorted(self._offsets, [begin - LENGTH + 1, begin + LENGTH])
        for place in range(int(first), int(stop)):
            shift = int(self._offsets[place]) - begin
            call, _ = self._call(place)
            if shift >= 0:
                wave[shift:] += call[: LENGTH - shift]
            else:
                wave[:shift] += call[-shift:]
