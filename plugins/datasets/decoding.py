"""From the bytes of a sound file to samples, with a reason where that is impossible."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harness import BadClip
from plugins.datasets.containers import flac, mp3, ogg
from plugins.datasets.containers.aiff import read_aiff
from plugins.datasets.containers.au_and_caf import AU_MAGIC, read_au, read_caf
from plugins.datasets.containers.extents import settle
from plugins.datasets.containers.forms import Form
from plugins.datasets.containers.headers import Header
from plugins.datasets.containers.layouts import Layout, Layouts
from plugins.datasets.containers.libsndfile import (
    decode_by_libsndfile,
    decode_raw,
    rate_by_libsndfile,
)
from plugins.datasets.containers.riff import RIFFS, WAVE64_RIFF, read_riff, read_wave64
from plugins.datasets.containers.sounds import Samples, Sound

ID3_HEADER_BYTES = 10
PAIRS = {"<": np.dtype("<i2"), ">": np.dtype(">i2")}
"""Samples of 16 bits, by the order of their bytes."""
FULL_SCALE = np.float32(1 / 32768)

_LAYOUTS = Layouts()

__all__ = ["Samples", "Sound", "decode", "rate_by_soundfile", "read_header", "read_rate"]


def decode(data: bytes) -> Sound:
    """Decode a whole sound file.

    The sizes in its header are held against the bytes that are there. Samples that are there are
    used, and the sound's notes say what the header said instead.

    Parameters
    ----------
    data
        WAV, AIFF, AU, CAF, FLAC, Ogg, MP3, or anything else that libsndfile reads.

    Raises
    ------
    BadClip
        It is empty, truncated, not audio, has a header that makes no sense, or holds no or
        non-finite samples.
    """
    if not data:
        raise BadClip("is empty (0 bytes)")
    form: Form | None
    if layout := _LAYOUTS.find(data):
        sound, form = _decode_pieces(data, layout), layout.form
    else:
        sound, form = _decode_unknown(_without_id3(data))
    if not sound.samples.size:
        raise BadClip("holds no samples")
    if not (form and form.is_integer) and not np.isfinite(sound.samples).all():
        raise BadClip("holds samples that are not finite numbers (NaN or infinite)")
    return sound


def read_rate(head: bytes) -> float | None:
    """Return the sample rate (Hz) from the first bytes of a WAV, AIFF, AU or CAF file, else None.

    Raises
    ------
    BadClip
        It is such a file, and its header makes no sense.
    """
    header = read_header(_without_id3(head))
    return header.form.rate if header is not None and header.form is not None else None


def rate_by_soundfile(data: bytes) -> float | None:
    """Return the sample rate (Hz) of any sound file, or None where it cannot be read."""
    return rate_by_libsndfile(data)


def read_header(data: bytes) -> Header | None:
    """Read the header of a WAV, AIFF, AU or CAF file; None for other kinds.

    Raises
    ------
    BadClip
        A number in it makes no sense.
    """
    reader = _reader(data)
    return reader(data) if reader else None


def _reader(data: bytes) -> Callable[[bytes], Header] | None:
    magic = data[:4]
    if magic in RIFFS and data[8:12] == b"WAVE":
        return read_riff
    if magic == b"FORM" and data[8:12] in (b"AIFF", b"AIFC"):
        return read_aiff
    if data.startswith(WAVE64_RIFF) and len(data) >= 40:
        return read_wave64
    if magic in AU_MAGIC:
        return read_au
    return read_caf if magic == b"caff" else None


def _without_id3(data: bytes) -> bytes:
    """Take an ID3 tag off a container that has none by its own rules."""
    if not data.startswith(b"ID3") or len(data) < ID3_HEADER_BYTES:
        return data
    size = sum(
        (byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True)
    )
    rest = data[ID3_HEADER_BYTES + size :]
    return rest if _reader(rest) or rest.startswith((flac.MAGIC, ogg.MAGIC)) else data


def _decode_unknown(data: bytes) -> tuple[Sound, Form | None]:
    """Find out what a file is, and decode it; its form where its container says so."""
    header = read_header(data)
    if header is None:
        return _decode_stream(data), None
    if header.form is None:
        raise BadClip(f"is not audio that can be read: a {header.kind} file without its header")
    extent = settle(data, header)
    if header.form.encoding:
        layout = Layout(extent.pieces, header.form, (*header.form.notes, *extent.notes))
        _LAYOUTS.keep(data, header, extent, layout)
        return _decode_pieces(data, layout), header.form
    if extent.notes:
        raise BadClip(f"holds compressed samples whose size is wrong: {extent.notes[0]}")
    return decode_by_libsndfile(data), header.form


def _decode_pieces(data: bytes, layout: Layout) -> Sound:
    """Decode samples that lie in one or several pieces."""
    pieces, form, notes = layout
    if len(pieces) == 1:
        ((start, held),) = pieces
    else:
        data = b"".join([data[start : start + length] for start, length in pieces])
        start, held = 0, len(data)
    if lost := held % form.frame_bytes:
        notes += (
            f"its last sample is cut off: {lost} of {form.frame_bytes} bytes are there, "
            "which were left out",
        )
    return Sound(_decode_plain(data, start, held - lost, form), form.rate, notes)


def _decode_plain(data: bytes, start: int, size: int, form: Form) -> Samples:
    """Decode whole frames without compression [shape=(channels, n)]."""
    if not size:
        return np.zeros((form.channels, 0), np.float32)
    if form.encoding != "PCM_16":
        return decode_raw(data[start : start + size], form)
    samples = np.frombuffer(data, PAIRS[form.order], size // 2, start).astype(np.float32)
    samples *= FULL_SCALE
    if form.channels == 1:
        return samples[None]
    return np.ascontiguousarray(samples.reshape(-1, form.channels).T)


def _decode_stream(data: bytes) -> Sound:
    if data.startswith(flac.MAGIC):
        return flac.decode_flac(data)
    if data.startswith(ogg.MAGIC):
        streams, notes = ogg.streams_of(data)
        return _joined([decode_by_libsndfile(each) for each in streams], notes)
    if (begin := mp3.first_frame(data)) is not None:
        return mp3.decode_mp3(data, begin)
    return decode_by_libsndfile(data)


def _joined(sounds: list[Sound], notes: tuple[str, ...]) -> Sound:
    if len({(sound.rate, len(sound.samples)) for sound in sounds}) > 1:
        raise BadClip("holds several Ogg streams of different rates or channels: part them first")
    notes += tuple(note for sound in sounds for note in sound.notes)
    samples = np.concatenate([sound.samples for sound in sounds], axis=1)
    return Sound(samples, sounds[0].rate, notes)
