"""What decoders print by themselves, caught before it reaches a terminal."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

STDOUT, STDERR = 1, 2

_DECODERS = re.compile(
    rb"\[?(src/libmpg123/|.*\.c:\w+\(\):\d+\])|(Warning|Note|Error|error|warning): |\w+ +\d+ : "
)
"""How lines of mpg123 ("[src/libmpg123/id3.c", "Note: ") and libsndfile ("f 855 : ") begin."""

_AFTER_PLACE = re.compile(r"^(\[[^\]]*\]|\w+ +\d+ :)\s*")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_lock = threading.Lock()


@contextmanager
def words_of_decoders() -> Iterator[list[str]]:
    """Catch what libraries print while a file is decoded; the list is full after the block.

    C libraries write to the process's own stdout and stderr, so these are turned aside for as
    long as the block takes; what other threads write there meanwhile is written again afterwards.
    """
    words: list[str] = []
    with (
        _lock,
        warnings.catch_warnings(record=True) as caught,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        warnings.simplefilter("always")
        _flush()
        streams = ((STDOUT, out), (STDERR, err))
        aside = [(place, file, _turn_aside(place, file)) for place, file in streams]
        try:
            yield words
        finally:
            _flush()
            for place, file, kept in aside:
                if kept is not None:
                    os.dup2(kept, place)
                    os.close(kept)
                    words += _sort(place, file)
            words += [plain_words(str(each.message)) for each in caught]


def _turn_aside(place: int, file: IO[bytes]) -> int | None:
    """Send a stream into a file; return what it was, or None where the process has none."""
    try:
        kept = os.dup(place)
    except OSError:
        return None
    os.dup2(file.fileno(), place)
    return kept


def _flush() -> None:
    """Empty the buffers of Python and of the C library, which hold lines back."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
    if sys.platform != "win32":
        import ctypes

        ctypes.CDLL(None).fflush(None)


def _sort(place: int, file: IO[bytes]) -> list[str]:
    """Return the words of decoders, and write all else where it was meant to go."""
    words = []
    file.seek(0)
    for line in file:
        if _DECODERS.match(line):
            words.append(plain_words(line.decode("ascii", "replace")))
        elif line.strip() or place == STDOUT:
            os.write(place, line)
    return words


def plain_words(text: str) -> str:
    """Return a library's words on one line, without its source file and without control bytes."""
    return _AFTER_PLACE.sub("", _UNPRINTABLE.sub("?", " ".join(text.split())))
