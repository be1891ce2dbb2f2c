"""The frames of an MP3 file, counted: its decoder believes the header, or guesses.

Frame header: ISO/IEC 11172-3, 2.4.1.3, and 13818-3; MPEG 2.5 by Fraunhofer. The Xing and Info
header: the first frame of nearly all encoders, which says how many others follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from harness import BadClip
from plugins.datasets.containers.extents import TAGS
from plugins.datasets.containers.libsndfile import decode_by_libsndfile
from plugins.datasets.containers.sounds import Sound

KILOBITS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
"""Of layer III: of MPEG 1, and of MPEG 2 and 2.5."""

RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
COUNTERS = (b"Xing", b"Info")
HAS_COUNT = 1


class Frame(NamedTuple):
    """One frame: its first byte, its bytes, its samples, and where a counter would stand."""

    start: int
    size: int
    samples: int
    counter_at: int


def decode_mp3(data: bytes, begin: int) -> Sound:
    """Decode all frames of an MP3 file whose first frame begins somewhere.

    Raises
    ------
    BadClip
        Frames are missing that its header promises, or the last one is cut off.
    """
    frames = list(_frames(data, begin))
    if not frames:
        return decode_by_libsndfile(data)
    last = frames[-1]
    if last.start + last.size > len(data):
        raise BadClip(
            f"is truncated: its last frame promises {last.size} bytes, {len(data) - last.start} "
            "are there"
        )
    sound = _decode_counted(data, frames)
    rest = data[last.start + last.size :]
    if not rest.strip(b"\0") or rest.startswith(TAGS):
        return sound
    note = f"{len(rest)} bytes after its {len(frames)} frames are no sound and were passed over"
    return sound._replace(notes=(note, *sound.notes))


def _decode_counted(data: bytes, frames: list[Frame]) -> Sound:
    """Decode a file whose header is made to promise the frames that are there."""
    first = frames[0]
    if data[first.counter_at : first.counter_at + 4] not in COUNTERS:
        return decode_by_libsndfile(_with_count(data, frames))
    place = slice(first.counter_at + 8, first.counter_at + 12)
    promised, there = int.from_bytes(data[place], "big"), len(frames) - 1
    counted = data[first.counter_at + 7] & HAS_COUNT
    if not counted or promised == there:
        return decode_by_libsndfile(data)
    if promised > there:
        raise BadClip(f"is truncated: its header promises {promised} frames, {there} are there")
    mended = bytearray(data)
    mended[place] = there.to_bytes(4, "big")
    sound = decode_by_libsndfile(bytes(mended))
    note = f"its header promises {promised} frames, {there} are there: all were read"
    return sound._replace(notes=(note, *sound.notes))


def first_frame(data: bytes) -> int | None:
    """Return where an MP3 file's first frame begins, behind an ID3 tag; None for other files."""
    begin = 0
    if data.startswith(b"ID3") and len(data) > 10:
        for byte in data[6:10]:
            begin = begin << 7 | byte & 0x7F
        begin += 10
    frame = _frame_at(data, begin)
    follows = frame and _frame_at(data, begin + frame.size)
    return begin if follows else None


def _with_count(data: bytes, frames: list[Frame]) -> bytes:
    """Put a frame in front that says how many follow, so that the decoder need not guess."""
    first = frames[0]
    front = bytearray(first.size)
    front[:4] = data[first.start : first.start + 4]
    front[1] |= 1  # no checksum follows
    at = first.counter_at - first.start
    if at + 12 > first.size:
        return data
    front[at : at + 12] = b"Info" + HAS_COUNT.to_bytes(4, "big") + len(frames).to_bytes(4, "big")
    return data[: first.start] + bytes(front) + data[first.start :]


def _frames(data: bytes, at: int) -> Iterator[Frame]:
    """Yield the frames that follow each other."""
    while (frame := _frame_at(data, at)) is not None:
        yield frame
        at += frame.size


def _frame_at(data: bytes, at: int) -> Frame | None:
    """Read the header of a frame of layer III."""
    head = data[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate_at, kilobits_at = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version not in RATES_HZ or rate_at == 3 or not 0 < kilobits_at < 15:
        return None
    first = version == 3
    kilobits = KILOBITS[0 if first else 1][kilobits_at]
    samples = 1152 if first else 576
    size = samples // 8 * kilobits * 1000 // RATES_HZ[version][rate_at] + (head[2] >> 1 & 1)
    mono = head[3] >> 6 == 3
    side = (17 if mono else 32) if first else (9 if mono else 17)
    checksum = 0 if head[1] & 1 else 2
    return Frame(at, size, samples, at + 4 + checksum + side)
