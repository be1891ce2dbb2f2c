"""What a header says of the samples: rate, channels, encoding; every number is bounded."""

from __future__ import annotations

from typing import NamedTuple

from harness import BadClip

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 10.0, 1e7
MOST_CHANNELS = 1024
"""As many as libsndfile takes."""

WIDTHS = {
    "PCM_S8": 1, "PCM_U8": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4,
    "FLOAT": 4, "DOUBLE": 8, "ULAW": 1, "ALAW": 1,
}  # fmt: skip
"""Bytes of a sample, by libsndfile's names of the encodings without compression."""

INTEGERS = {2: "PCM_16", 3: "PCM_24", 4: "PCM_32"}
FLOATS = {4: "FLOAT", 8: "DOUBLE"}
MAYBE_INFINITE = frozenset({"", *FLOATS.values()})


class Form(NamedTuple):
    """What a header says of the samples.

    Parameters
    ----------
    rate
        Samples per second (Hz).
    channels
        Of the samples.
    encoding
        A key of `WIDTHS`; empty where the samples are compressed.
    order
        "<" or ">": little or big-endian.
    notes
        What the header says wrongly, without harm.
    """

    rate: float
    channels: int
    encoding: str
    order: str
    notes: tuple[str, ...] = ()

    @property
    def is_integer(self) -> bool:
        """Say whether the samples can be nothing but finite."""
        return self.encoding not in MAYBE_INFINITE

    @property
    def frame_bytes(self) -> int:
        """Return the bytes of one sample of all channels; 1 where they are compressed."""
        return self.channels * WIDTHS[self.encoding] if self.encoding else 1


def check_rate_and_channels(rate: float, channels: int) -> None:
    """Refuse what no recorder makes, before anything is allocated for it.

    Raises
    ------
    BadClip
        With the number and its bounds.
    """
    if not LOWEST_RATE_HZ <= rate <= HIGHEST_RATE_HZ:
        raise BadClip(
            f"promises {rate:g} samples per second in its header; rates from "
            f"{LOWEST_RATE_HZ:g} Hz to {HIGHEST_RATE_HZ / 1e6:g} MHz can be used: its header is "
            "damaged, or needs the right rate"
        )
    if not 1 <= channels <= MOST_CHANNELS:
        raise BadClip(
            f"promises {channels} channels in its header; 1 to {MOST_CHANNELS} can be used: "
            "its header is damaged"
        )


def integer_encoding(width: int, one_byte: str, bits: int) -> str:
    """Name the encoding of integers of some bytes.

    Raises
    ------
    BadClip
        Nothing reads integers that wide.
    """
    found = one_byte if width == 1 else INTEGERS.get(width)
    if found is None or bits < 1:
        raise BadClip(f"promises samples of {bits} bits in its header; 1 to 32 can be read")
    return found


def float_encoding(bits: int) -> str:
    """Name the encoding of floating-point numbers of some bits.

    Raises
    ------
    BadClip
        They are neither 32 nor 64.
    """
    if bits not in (32, 64):
        raise BadClip(
            f"promises floating-point samples of {bits} bits in its header; 32 or 64 can be read"
        )
    return FLOATS[bits // 8]
