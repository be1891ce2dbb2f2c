"""What a task finds around it in its process, put back when it ends, for the next one's sake."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

STREAMS = (1, 2)
"""Descriptors of standard output and error."""


@contextmanager
def preserved() -> Iterator[None]:
    """Put the current folder, environment, streams, warnings and NumPy's errors back afterwards.

    A plugin that changes them, or closes a stream, then changes them for itself alone.
    """
    folder, environment = _current_folder(), dict(os.environ)
    texts = sys.stdout, sys.stderr
    copies = [(stream, os.dup(stream)) for stream in STREAMS]
    try:
        with warnings.catch_warnings(), np.errstate():
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
