"""The number of samples in a FLAC file's header (RFC 9639, section 8.2)."""

from __future__ import annotations

from harness import BadClip
from plugins.datasets.containers.libsndfile import decode_by_libsndfile
from plugins.datasets.containers.sounds import Sound

MAGIC = b"fLaC"
HEADER_BYTES = 42
_LOW_BITS_AT = 21
_TOTAL_BYTES = slice(21, 26)
TOTAL_MASK = (1 << 36) - 1


def decode_flac(data: bytes) -> Sound:
    """Decode all samples of a FLAC file, and say so where its header promises another number.

    Raises
    ------
    BadClip
        Fewer samples can be decoded than the header promises, or none.
    """
    bare, total = _without_total(data)
    sound = decode_by_libsndfile(bare, promised=total, counted=total > 0)
    if total:
        return sound
    note = f"its header does not say how many samples there are: {sound.samples.shape[1]} were read"
    return sound._replace(notes=(note, *sound.notes))


def _without_total(data: bytes) -> tuple[bytes, int]:
    """Return a FLAC file that does not say how many samples it has, and how many it said.

    libsndfile stops at the number promised; without one it reads all that are there.

    Raises
    ------
    BadClip
        It is cut off in its header.
    """
    if len(data) < HEADER_BYTES:
        raise BadClip(f"is truncated: {len(data)} bytes are less than the header of a FLAC file")
    total = int.from_bytes(data[_TOTAL_BYTES], "big") & TOTAL_MASK
    bare = bytearray(data)
    bare[_TOTAL_BYTES] = bytes((data[_LOW_BITS_AT] & 0xF0, 0, 0, 0, 0))
    return bytes(bare), total
