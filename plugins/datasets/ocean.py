"""The sounds that computed clips are made of: noise, up-calls, ships, knocks, grunts and song."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float32]

RATE_HZ = 2000.0
LENGTH = 4000
SESSION_CLIPS = 20
CALL_LOW_HZ, CALL_HIGH_HZ = 50.0, 300.0

_TIME_S = (np.arange(LENGTH) / RATE_HZ).astype(np.float32)
_FREQUENCY_HZ = np.fft.rfftfreq(LENGTH, 1 / RATE_HZ)
_IN_BAND = (_FREQUENCY_HZ >= CALL_LOW_HZ) & (_FREQUENCY_HZ <= CALL_HIGH_HZ)


@dataclass(frozen=True)
class Session:
    """What twenty neighbouring clips share.

    Parameters
    ----------
    colour : array [shape=(2001,)]
        Gain of the noise at each frequency of a 4000-sample transform; the noise has a
        root mean square of 1 from 50 to 300 Hz.
    level
        Of that noise, as a share of full scale.
    tonals_hz, tonals_rms
        A ship's lines; none where no ship is near.
    clutter
        Scales how common knocks, grunts and song are.
    calls
        Which of the clips hold an up-call.
    """

    colour: Wave
    level: float
    tonals_hz: NDArray[np.float64]
    tonals_rms: NDArray[np.float64]
    clutter: float
    calls: tuple[bool, ...]

    def holds_call(self, index: int) -> bool:
        """Say whether the clip with this number, counted from the dataset's first, has a call."""
        return self.calls[index % SESSION_CLIPS]


def make_session(seed: int, clutter: float, number: int) -> Session:
    rng = np.random.default_rng((seed, 0, number))
    lines = int(rng.integers(2, 7)) if rng.random() < 0.6 * clutter else 0
    return Session(
        colour=_noise_colour(rng),
        level=float(0.004 * 10 ** rng.uniform(-0.3, 0.3)),
        tonals_hz=np.sort(rng.uniform(50.0, 420.0, lines)),
        tonals_rms=_amplitude(rng.normal(-3.0, 5.0, lines)),
        clutter=clutter * float(rng.uniform(0.5, 1.5)),
        calls=tuple(bool(place % 2) for place in rng.permutation(SESSION_CLIPS)),
    )


def _amplitude(level_db: NDArray[np.float64]) -> NDArray[np.float64]:
    return 10 ** (np.minimum(level_db, 10.0) / 20)


def _noise_colour(rng: np.random.Generator) -> Wave:
    """Draw the gain of a session's noise at each frequency."""
    corner_hz = rng.uniform(60.0, 200.0)
    slope = rng.uniform(0.3, 1.2)
    frequency = np.maximum(_FREQUENCY_HZ, 1.0)
    power = (frequency / (frequency + corner_hz)) ** 3 * (frequency / 200.0) ** slope
    power /= 1 + (frequency / rng.uniform(350.0, 700.0)) ** 4
    bump = rng.uniform(0.0, 2.0) * np.exp(-(((frequency - rng.uniform(60, 400)) / 60.0) ** 2))
    gain = np.sqrt(power * (1 + bump))
    gain *= LENGTH / np.sqrt(2 * np.sum(gain[_IN_BAND] ** 2))
    colour: Wave = (gain / np.sqrt(2.0)).astype(np.float32)
    return colour


def draw_noise(colour: Wave, rng: np.random.Generator) -> Wave:
    parts = rng.standard_normal(2 * len(colour), dtype=np.float32).view(np.complex64)
    noise: Wave = np.fft.irfft(parts * colour, LENGTH).astype(np.float32, copy=False)
    return noise


def add_upcall(
    wave: Wave, snr_db: float, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Add an up-call near the middle; return its beginning, end (s), lowest and highest (Hz)."""
    start_hz = float(np.clip(rng.normal(92.0, 12.0), 60.0, 140.0))
    rise_hz = float(np.clip(rng.normal(95.0, 25.0), 40.0, 180.0))
    length_s = float(rng.uniform(0.6, 1.1))
    centre_s = float(np.clip(rng.normal(1.0, 0.12), 0.6, 1.4))
    rms = 10 ** (snr_db / 20)
    second = rng.uniform(0.1, 0.4) if rng.random() < 0.3 else 0.0
    bend = rng.uniform(0.0, 0.8)
    at_s = centre_s - length_s / 2
    _add_sweep(wave, at_s, length_s, start_hz, rise_hz, bend, rms, rng, second=second)
    return at_s, at_s + length_s, start_hz, start_hz + rise_hz


def _add_sweep(
    wave: Wave,
    at_s: float,
    length_s: float,
    start_hz: float,
    rise_hz: float,
    bend: float,
    rms: float,
    rng: np.random.Generator,
    *,
    second: float = 0.0,
) -> None:
    """Add one tone whose frequency is start + rise · ((1 - bend) u + bend u²) for u from 0 to 1.

    `second` is the level of its second harmonic, relative to the tone.
    """
    first = int(at_s * RATE_HZ)
    time = _TIME_S[: min(int(length_s * RATE_HZ), LENGTH - first)]
    u = time / np.float32(length_s)
    cycles = start_hz + rise_hz * u * ((1 - bend) / 2 + bend / 3 * u)
    phase = (2 * np.pi) * time * cycles.astype(np.float32) + np.float32(rng.uniform(0, 2 * np.pi))
    tone = np.sin(phase)
    if second:
        tone += np.float32(second) * np.sin(2 * phase)
    fading = 1 + rng.uniform(0.0, 0.6) * np.sin(
        np.float32(2 * np.pi * rng.uniform(1, 4)) * time + np.float32(rng.uniform(0, 2 * np.pi))
    )
    envelope = np.sin(np.pi * u ** np.float32(rng.uniform(0.7, 1.6))) * fading
    wave[first : first + len(time)] += (np.float32(2.0 * rms) * envelope * tone).astype(np.float32)


def add_ship(wave: Wave, session: Session, rng: np.random.Generator) -> None:
    """Add the lines of a ship, steady but for a slow swell and a slow drift."""
    for hz, rms in zip(session.tonals_hz, session.tonals_rms, strict=True):
        drift, swell, start, beat = rng.uniform(size=4)
        phase = 2 * np.pi * (np.float32(hz) + np.float32(3 * drift - 1.5) * _TIME_S) * _TIME_S
        pulse = 1 + np.float32(0.6 * swell) * np.sin(np.float32(2 + 12 * beat) * _TIME_S)
        wave += np.float32(1.4142 * rms) * pulse * np.sin(phase + np.float32(2 * np.pi * start))


def add_clutter(wave: Wave, session: Session, call: bool, rng: np.random.Generator) -> None:
    """Add knocks, grunts and song, each by its own chance."""
    knocks, grunts, song = (
        rng.random(3) < np.array([0.35, 0.15, 0.15] if call else [0.4, 0.25, 0.4]) * session.clutter
    )
    if knocks:
        for _ in range(int(rng.integers(1, 5))):
            _add_knock(wave, rng)
    if grunts:
        for _ in range(int(rng.integers(1, 4))):
            length_s, rms = rng.uniform(0.1, 0.4), 10 ** (rng.uniform(-6.0, 9.0) / 20)
            at_s, hz, rise_hz = rng.uniform(0.0, 1.5), rng.uniform(30, 110), rng.uniform(-15, 15)
            _add_sweep(wave, at_s, length_s, hz, rise_hz, 0.0, rms, rng)
    if song:
        for _ in range(int(rng.integers(1, 4))):
            _add_song_unit(wave, rng)


def _add_knock(wave: Wave, rng: np.random.Generator) -> None:
    """Add a broadband burst that dies away within 5 to 60 ms."""
    first = int(rng.integers(0, LENGTH - 200))
    decay = np.exp(-_TIME_S[: LENGTH - first][:400] / np.float32(rng.uniform(0.005, 0.06)))
    burst = rng.standard_normal(len(decay), dtype=np.float32)
    if rng.random() < 0.5:
        burst[1:] += burst[:-1]
    wave[first : first + len(decay)] += np.float32(10 ** (rng.uniform(3.0, 22.0) / 20)) * (
        burst * decay
    )


def _add_song_unit(wave: Wave, rng: np.random.Generator) -> None:
    """Add one unit of humpback-like song, anywhere in the clip."""
    rms = 10 ** (rng.normal(0.0, 4.0) / 20)
    length_s = rng.uniform(0.25, 1.1)
    at_s = rng.uniform(0.0, 1.98 - length_s)
    shape = rng.choice(4)
    if shape == 0:  # a down-sweep
        start_hz, fall_hz = rng.uniform(120.0, 350.0), rng.uniform(40.0, 110.0)
        _add_sweep(wave, at_s, length_s, start_hz, -fall_hz, rng.uniform(0, 0.8), rms, rng)
    elif shape == 1:  # a steady tone
        start_hz, rise_hz = rng.uniform(80.0, 400.0), rng.normal(0.0, 8.0)
        _add_sweep(wave, at_s, length_s, start_hz, rise_hz, 0.0, rms, rng)
    elif shape == 2:  # an arch
        start_hz, rise_hz = rng.uniform(80.0, 250.0), rng.uniform(30.0, 90.0)
        half_s = length_s / 2
        _add_sweep(wave, at_s, half_s, start_hz, rise_hz, 0.0, rms, rng)
        _add_sweep(wave, at_s + half_s, half_s, start_hz + rise_hz, -rise_hz, 0.0, rms, rng)
    else:  # a rise that starts higher than an up-call
        start_hz, rise_hz = rng.uniform(130.0, 300.0), rng.uniform(40.0, 160.0)
        _add_sweep(wave, at_s, length_s, start_hz, rise_hz, rng.uniform(0, 0.8), rms, rng)
