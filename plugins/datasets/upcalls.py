"""Computed right-whale-like up-calls in ocean noise: what a run uses when nobody names a dataset.

A clip is 2 s long at 2 kHz, 16 bits, like those of the Marinexplore / Cornell challenge. It is
built from parts that the parameters scale:

sessions
    Twenty neighbouring clips share a recording session (`group`): the colour and level of the
    noise, whether a ship is near, how busy the sea is. Half of them hold an up-call.
noise
    Gaussian, its level rising with frequency up to some 500 Hz, as in the challenge's clips,
    with a slope and a bump of the session's own.
up-calls
    A sweep that rises from about 90 Hz by about 95 Hz within 0.6 to 1.1 s, slightly bent, near
    the middle of the clip, with fading and sometimes a second harmonic. Right whales' contact
    calls rise from about 50 to 200 Hz in about 1 s (Gillespie 2004, Canadian Acoustics 32(2));
    the challenge's clips were cut around them.
confounders
    Ship tonals through whole sessions; broadband knocks; low grunts; and units of humpback-like
    song: down-sweeps, steady tones, arches, and rises that start higher. All stand in clips of
    both classes, more often in those without an up-call; many of those hold nothing at all.

The levels are set so that the linear spectrogram, scaled from its own minimum to its maximum,
is blinded by tonals and knocks in part of the clips, which decibels, noise removal and cropping
bring back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import ClassVar

import numpy as np

from harness import BadClip, Basis, Clip, Dataset, Entry, UnlabelledDataset, hookimpl, parameter
from plugins.datasets.ocean import (
    RATE_HZ,
    SESSION_CLIPS,
    Session,
    Wave,
    add_clutter,
    add_ship,
    add_upcall,
    draw_noise,
    make_session,
)
from plugins.datasets.unlabelled import Unlabelled

FULL_SCALE = 32768
UPCALL, OTHER = "upcall", "other"


@dataclass(frozen=True, kw_only=True)
class Upcalls(Dataset):
    """Synthetic right-whale-like up-calls in ocean noise, with ships, knocks and song; embedded."""

    name: ClassVar[str] = "upcalls"
    synthetic: ClassVar[bool] = True

    clips: int = parameter(1600, "how many clips, half of them with an up-call", low=2, high=10**7)
    seed: int = parameter(0, "another seed, other clips", low=0, high=2**32 - 1)
    snr_db: float = parameter(
        -1.5, "mean level of the calls over the noise from 50 to 300 Hz", unit="dB"
    )
    snr_spread_db: float = parameter(
        5.0, "standard deviation of that level from call to call", unit="dB", low=0.0, high=20.0
    )
    clutter: float = parameter(
        1.0, "how common ships, knocks, grunts and song are; 0 for plain noise", low=0.0, high=1.0
    )

    def entries(self) -> Sequence[Entry]:
        """List the clips in order; twenty neighbours make a session."""
        return [
            Entry(
                id=f"upcalls-{self.seed}-{index:06d}",
                label=UPCALL if self._session(index // SESSION_CLIPS).holds_call(index) else OTHER,
                group=f"session-{index // SESSION_CLIPS:05d}",
                position=float(index),
            )
            for index in range(self.clips)
        ]

    def read(self, entry: Entry) -> Clip:
        """Compute one clip from the seed and its number alone [shape=(1, 4000)]."""
        beginning, _, number = entry.id.rpartition("-")
        known = beginning == f"upcalls-{self.seed}" and number.isdecimal()
        if not known or int(number) >= self.clips:
            raise BadClip(f"is none of the {self.clips} clips of seed {self.seed}")
        samples = self._wave(int(number))
        return Clip(entry.id, samples[None, :], RATE_HZ, entry.label, entry.group)

    def for_recordings(self, seconds: float, rate: float) -> UnlabelledDataset:
        """Return what cuts recordings into windows as long as these clips, at half overlap."""
        return Unlabelled(window=seconds, hop=seconds / 2, rate=rate)

    def basis(self, entry: Entry) -> Basis:
        """Say that clips stand on no file: parameters and source make them."""
        return Basis()

    @cached_property
    def _session(self) -> Callable[[int], Session]:
        return lru_cache(maxsize=64)(partial(make_session, self.seed, self.clutter))

    def _wave(self, index: int) -> Wave:
        """Add up one clip [shape=(4000,)]; 1.0 is full scale."""
        session = self._session(index // SESSION_CLIPS)
        rng = np.random.default_rng((self.seed, 1, index))
        wave = draw_noise(session.colour, rng)
        if session.holds_call(index):
            add_upcall(wave, rng.normal(self.snr_db, self.snr_spread_db), rng)
        add_ship(wave, session, rng)
        add_clutter(wave, session, session.holds_call(index), rng)
        pulses = np.round(wave * np.float32(session.level * FULL_SCALE))
        return (np.clip(pulses, -FULL_SCALE, FULL_SCALE - 1) / np.float32(FULL_SCALE)).astype(
            np.float32
        )


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [Upcalls]
