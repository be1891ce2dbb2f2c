"""Decoding by libsndfile, in blocks: what a header promises is never allocated."""

from __future__ import annotations

import io
import re
from typing import Any, NamedTuple

import numpy as np

from harness import BadClip
from plugins.datasets.containers.forms import Form, check_rate_and_channels
from plugins.datasets.containers.library_words import plain_words, words_of_decoders
from plugins.datasets.containers.sounds import Samples, Sound

BLOCK_SAMPLES = 1 << 18
MOST_NOTES = 3
MOST_SAMPLES = 1 << 28
"""Of all channels of a compressed file: 1 GiB once decoded."""

MEASURED = frozenset(
    {"WAV", "WAVEX", "W64", "RF64", "AIFF", "AU", "CAF", "FLAC", "OGG", "MP3", "MPEG"}
)
"""Formats of which libsndfile, or a module here, notices that samples are missing."""

ENDIAN = {"<": "LITTLE", ">": "BIG"}
ANY_RATE_HZ = 8000

_SHOULD_BE = re.compile(r"^.*\d.*\(should be .*\).*$", re.MULTILINE)


class _Memory(io.BytesIO):
    """Bytes as a file in which a damaged header cannot seek to before the beginning.

    An exception there would not reach us: soundfile is called back from C and prints it.
    """

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_CUR: self.tell(), io.SEEK_END: self.getbuffer().nbytes}.get(whence, 0)
        return super().seek(min(max(start + offset, 0), 1 << 62))


def decode_raw(data: bytes, form: Form) -> Samples:
    """Decode samples without a header [shape=(channels, n)]; they are whole frames."""
    import soundfile

    with soundfile.SoundFile(
        _Memory(data),
        format="RAW",
        subtype=form.encoding,
        endian=ENDIAN[form.order],
        channels=form.channels,
        samplerate=ANY_RATE_HZ,
    ) as file:
        samples = file.read(dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T)


def rate_by_libsndfile(data: bytes) -> float | None:
    """Return the sample rate (Hz) of any sound file, or None where it cannot be read."""
    import soundfile

    with words_of_decoders():
        try:
            return float(soundfile.info(_Memory(data)).samplerate)
        except (soundfile.SoundFileError, RuntimeError):
            return None


def decode_by_libsndfile(data: bytes, promised: int | None = None, counted: bool = True) -> Sound:
    """Decode whatever libsndfile recognises.

    Parameters
    ----------
    promised
        How many samples of a channel the header promises, where libsndfile is not to be asked.
    counted
        False where the header does not say how many there are.

    Raises
    ------
    BadClip
        It is not audio, or holds fewer samples than its header promises, or far too many.
    """
    found = _run(data)
    held, said = len(found.samples), found.promised if promised is None else promised
    if counted and held < said:
        raise BadClip(f"is truncated: its header promises {said} samples, {held} can be decoded")
    notes = []
    if counted and held > said:
        notes.append(f"its header promises {said} samples, {held} are there: all were read")
    if found.kind not in MEASURED:
        notes.append(f"is a {found.kind} file: the size in its header cannot be checked")
    if found.stumble:
        notes.append(f"its decoder stopped after {held} samples: {found.stumble}")
    notes += [f"its decoder said: {each}" for each in dict.fromkeys(found.words)]
    return Sound(np.ascontiguousarray(found.samples.T), found.rate, tuple(notes[:MOST_NOTES]))


class _Decoded(NamedTuple):
    """What libsndfile made of a file, samples [shape=(n, channels)], and what it said."""

    samples: Samples
    rate: float
    kind: str
    promised: int
    stumble: str
    words: list[str]


def _run(data: bytes) -> _Decoded:
    import soundfile

    with words_of_decoders() as words:
        try:
            with _streamed(_Memory(data)) as file:
                check_rate_and_channels(file.samplerate, file.channels)
                _check_sizes(file)
                kind, promised = file.format, file.frames
                samples, stumble = _read_blocks(file)
                return _Decoded(samples, float(file.samplerate), kind, promised, stumble, words)
        except (soundfile.SoundFileError, RuntimeError, MemoryError) as error:
            raise BadClip(
                f"is not audio that can be read, or is cut off: {_reason(error)}"
            ) from error


def _reason(error: Exception) -> str:
    return plain_words(getattr(error, "error_string", str(error))).strip().rstrip(".")


def _streamed(memory: _Memory) -> Any:
    """Open a file that is read from start to end.

    soundfile seeks after every block of a file that can be sought in; where a header promises
    more than is there, that fails although the samples were read.
    """
    import soundfile

    class Streamed(soundfile.SoundFile):  # type: ignore[misc]
        def rewind(self) -> None:
            if self.format == "MP3":  # as soundfile.read does: other last bits without it
                self.seek(0)

        def seekable(self) -> bool:
            return False

    return Streamed(memory)


def _read_blocks(file: Any) -> tuple[Samples, str]:
    """Read samples [shape=(n, channels)] up to the end, or to what stopped it, which is told.

    A block of which a decoder stumbles keeps what was decoded before: the rest of it is still
    not a number.
    """
    import soundfile

    file.rewind()
    frames = max(BLOCK_SAMPLES // file.channels, 1)
    blocks: list[Samples] = []
    stumble = ""
    while not stumble:
        block = np.full((frames, file.channels), np.nan, np.float32)
        try:
            got = file.read(out=block)
        except soundfile.SoundFileError as error:
            stumble = _reason(error)
            got = block[: int(np.argmax(np.isnan(block[:, 0])))]
            if not blocks and not len(got):
                raise
        blocks.append(got if len(got) == frames else got.copy())
        if (len(blocks) - 1) * block.size + got.size > MOST_SAMPLES:
            raise BadClip(
                f"holds more than {MOST_SAMPLES} samples once it is decoded: cut it into clips"
            )
        if len(got) < frames:
            break
    return np.concatenate(blocks), stumble


def _check_sizes(file: Any) -> None:
    """Refuse a container that libsndfile found to be of another size than its header says."""
    if found := _SHOULD_BE.search(file.extra_info):
        raise BadClip(f"is truncated, or its header is damaged: it says {plain_words(found[0])}")
