"""From the bytes of a sound file to samples, with a reason where that is impossible."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness import BadClip

Samples = NDArray[np.float32]

UNKNOWN_SIZE = 0xFFFFFFFF
PCM = 1
UNPACKED_KINDS = frozenset({b"NONE", b"sowt", b"twos", b"fl32", b"FL32", b"fl64", b"FL64"})
"""AIFF-C kinds whose samples take as many bits as the header says."""

_AIFF_COMMON = struct.Struct(">hLhHQ")
_WAV_FORMAT = struct.Struct("<HHLLHH")
_SIZE = {">": struct.Struct(">4sL"), "<": struct.Struct("<4sL")}


class Layout(NamedTuple):
    """What the header of a WAV or AIFF file promises.

    Parameters
    ----------
    rate
        Samples per second (Hz).
    channels, bits
        Of the samples.
    start, size
        Where the samples lie in the file, in bytes.
    order
        "<" or ">": little or big-endian.
    plain
        True for integers without compression.
    whole
        True where `size` is how many bytes the samples take, False where they are compressed.
    """

    rate: float
    channels: int
    bits: int
    start: int
    size: int
    order: str
    plain: bool
    whole: bool = True


class _Memory(io.BytesIO):
    """Bytes as a file in which a damaged header cannot seek to before the beginning.

    An exception there would not reach us: soundfile is called back from C and prints it.
    """

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_CUR: self.tell(), io.SEEK_END: self.getbuffer().nbytes}.get(whence, 0)
        return super().seek(max(start + offset, 0))


def decode(data: bytes) -> tuple[Samples, float]:
    """Decode a whole sound file.

    Parameters
    ----------
    data
        WAV, AIFF, FLAC, Ogg, MP3, or anything else that libsndfile reads.

    Returns
    -------
    samples : array [shape=(channels, n)], float32
        1.0 is full scale.
    rate
        Samples per second (Hz).

    Raises
    ------
    BadClip
        It is empty, truncated, not audio, or holds no or non-finite samples.
    """
    if not data:
        raise BadClip("is empty (0 bytes)")
    layout = read_layout(data)
    if layout is not None and layout.size != UNKNOWN_SIZE:
        _check_complete(layout, len(data))
        if layout.plain and layout.bits == 16 and layout.size:
            return _decode_pcm16(data, layout), layout.rate
    return _decode_by_soundfile(data)


def read_rate(head: bytes) -> float | None:
    """Return the sample rate (Hz) from the first bytes of a WAV or AIFF file, else None."""
    layout = read_layout(head)
    return layout.rate if layout is not None else None


def rate_by_soundfile(data: bytes) -> float | None:
    """Return the sample rate (Hz) of any sound file, or None where it cannot be read."""
    import soundfile

    try:
        return float(soundfile.info(_Memory(data)).samplerate)
    except (soundfile.SoundFileError, RuntimeError):
        return None


def read_layout(data: bytes) -> Layout | None:
    """Read the header of a WAV or AIFF file; None for other kinds and for odd headers."""
    try:
        if data[:4] == b"FORM" and data[8:12] in (b"AIFF", b"AIFC"):
            return _aiff_layout(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            return _wav_layout(data)
    except (struct.error, OverflowError):
        return None
    return None


def _chunks(data: bytes, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, first byte and size of each chunk of an IFF file."""
    at = 12
    while at + 8 <= len(data):
        name, size = _SIZE[order].unpack_from(data, at)
        yield name, at + 8, size
        at += 8 + size + (size & 1)


def _aiff_layout(data: bytes) -> Layout | None:
    common = None
    for name, at, size in _chunks(data, ">"):
        if name == b"COMM":
            common = _AIFF_COMMON.unpack_from(data, at)
            kind = data[at + 18 : at + 22] if data[8:12] == b"AIFC" else b"NONE"
        elif name == b"SSND" and common is not None:
            channels, frames, bits, exponent, mantissa = common
            offset = struct.unpack_from(">L", data, at)[0]
            promised = frames * channels * ((bits + 7) // 8)
            plain = kind == b"NONE" and offset + promised + 8 == size
            rate = mantissa * 2.0 ** (exponent - 16383 - 63)
            found = _sound_layout(rate, channels, bits, at + 8 + offset, promised, ">", plain)
            return found._replace(whole=kind in UNPACKED_KINDS) if found else None
    return None


def _wav_layout(data: bytes) -> Layout | None:
    form = None
    for name, at, size in _chunks(data, "<"):
        if name == b"fmt ":
            form = _WAV_FORMAT.unpack_from(data, at)
        elif name == b"data" and form is not None:
            tag, channels, rate, _, block, bits = form
            plain = tag == PCM and block * 8 == channels * bits and block and size % block == 0
            return _sound_layout(float(rate), channels, bits, at, size, "<", bool(plain))
    return None


def _sound_layout(
    rate: float, channels: int, bits: int, start: int, size: int, order: str, plain: bool
) -> Layout | None:
    if rate < 1 or rate != int(rate) or channels < 1 or bits < 1:
        return None
    return Layout(rate, channels, bits, start, size, order, plain)


def _check_complete(layout: Layout, size: int) -> None:
    held = max(size - layout.start, 0)
    if layout.whole and layout.size > held:
        raise BadClip(
            f"is truncated: its header promises {layout.size} bytes of samples, {held} are there"
        )


def _decode_pcm16(data: bytes, layout: Layout) -> Samples:
    pulses = np.frombuffer(data, layout.order + "i2", layout.size // 2, layout.start)
    samples = pulses.astype(np.float32)
    samples *= np.float32(1 / 32768)
    return np.ascontiguousarray(samples.reshape(-1, layout.channels).T)


def _decode_by_soundfile(data: bytes) -> tuple[Samples, float]:
    import soundfile

    _check_ogg(data)
    try:
        with soundfile.SoundFile(_Memory(data)) as file:
            promised, rate = file.frames, float(file.samplerate)
            if file.seekable():
                file.seek(0)  # as soundfile.read does: MP3 decodes to other last bits without it
            samples = file.read(dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError) as error:
        reason = getattr(error, "error_string", str(error)).strip().rstrip(".")
        raise BadClip(f"is not audio that can be read, or is cut off: {reason}") from error
    if len(samples) < promised:
        raise BadClip(
            f"is truncated: its header promises {promised} samples, {len(samples)} can be decoded"
        )
    if not len(samples):
        raise BadClip("holds no samples")
    if not np.isfinite(samples).all():
        raise BadClip("holds samples that are not finite numbers (NaN or infinite)")
    return np.ascontiguousarray(samples.T), rate


def _check_ogg(data: bytes) -> None:
    """Refuse an Ogg file whose last page (RFC 3533, section 6) is cut off."""
    if data[:4] != b"OggS":
        return
    last = data.rfind(b"OggS")
    segments = data[last + 26 : last + 27]
    sizes = data[last + 27 : last + 27 + segments[0]] if segments else b""
    if not segments or len(sizes) < segments[0] or last + 27 + len(sizes) + sum(sizes) > len(data):
        raise BadClip("is truncated: its last Ogg page is cut off")
