"""What a task finds around it in its process, put back when it ends, for the next one's sake."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from harness.strangers.text import printable

STREAMS = (1, 2)
"""Descriptors of standard output and error."""


@contextmanager
def preserved() -> Iterator[None]:
    """Put the current folder, environment, streams, warnings and NumPy's errors back afterwards.

    A plugin that changes them, or closes a stream, then changes them for itself alone. What it
    warns of is said once a process, as a sentence: the line of its source helps no one who reads
    a run.
    """
    folder, environment = _current_folder(), dict(os.environ)
    texts = sys.stdout, sys.stderr
    copies = [(stream, os.dup(stream)) for stream in STREAMS]
    try:
        with warnings.catch_warnings(), np.errstate():
            if warnings.showwarning is _SHOW:  # nobody listens already
                warnings.showwarning = _say
            yield
    finally:
        sys.stdout, sys.stderr = texts
        for stream, copy in copies:
            with suppress(OSError):
                os.dup2(copy, stream)
            with suppress(OSError):
                os.close(copy)
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
        if folder:
            with suppress(OSError):
                os.chdir(folder)


def _current_folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return ""


_SHOW = warnings.showwarning
_said: set[str] = set()


def _say(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning, in place of `warnings.showwarning`."""
    sentence = printable(" ".join(str(message).split()))
    if sentence not in _said and sys.stderr is not None:
        _said.add(sentence)
        print(f"warning: {sentence}", file=sys.stderr, flush=True)
