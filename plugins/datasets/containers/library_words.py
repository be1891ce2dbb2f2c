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

STDERR = 2
MOST_BYTES = 65536

_DECODERS = re.compile(
    rb"\[?(src/libmpg123/|.*\.c:\w+\(\):\d+\])|(Warning|Note|Error|error|warning): "
)
_AFTER_PLACE = re.compile(r"^\[[^\]]*\]\s*")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_lock = threading.Lock()


@contextmanager
def words_of_decoders() -> Iterator[list[str]]:
    """Catch what libraries print while a file is decoded; the list is full after the block.

    C libraries write to the process's own stderr, so that is turned aside for as long as the
    block takes; what other threads write there meanwhile is written again afterwards.
    """
    words: list[str] = []
    with _lock, warnings.catch_warnings(record=True) as caught, tempfile.TemporaryFile() as file:
        warnings.simplefilter("always")
        _flush()
        kept = _turn_aside(file.fileno())
        try:
            yield words
        finally:
            _flush()
            if kept is not None:
                os.dup2(kept, STDERR)
                os.close(kept)
            file.seek(0)
            words += _sort(file.read(MOST_BYTES))
            words += [str(each.message) for each in caught]


def _turn_aside(target: int) -> int | None:
    """Send stderr elsewhere; return what it was, or None where the process has none."""
    try:
        kept = os.dup(STDERR)
    except OSError:
        return None
    os.dup2(target, STDERR)
    return kept


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()


def _sort(written: bytes) -> list[str]:
    """Return the words of decoders, and write all else to stderr again."""
    words = []
    for line in written.splitlines(keepends=True):
        if _DECODERS.match(line):
            words.append(plain_words(line.decode("ascii", "replace")))
        elif line.strip():
            os.write(STDERR, line)
    return words


def plain_words(text: str) -> str:
    """Return a library's words on one line, without its source file and without control bytes."""
    return _AFTER_PLACE.sub("", _UNPRINTABLE.sub("?", " ".join(text.split())))
