"""Places that verbs write to: each is tried before the work, and told in a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import StoreError


@contextmanager
def writing(place: Path, instead: str) -> Iterator[None]:
    """Tell in a sentence that a place cannot be written.

    Parameters
    ----------
    instead
        What names another place: "--output", "another file".

    Raises
    ------
    StoreError
        It is full, in the way, too long, or closed to this user.
    """
    try:
        yield
    except OSError as error:
        raise _unwritable(place, error.strerror or str(error), instead) from None


def expect_place(place: Path, instead: str) -> None:
    """Refuse a file or folder that could not be written, before any work is done for it.

    Nothing is made: the nearest folder above that is there is looked at.
    """
    with writing(place, instead):
        os.fsencode(place)
        above = place.parent
        place.is_file()
        while not above.exists() and above != above.parent:
            above = above.parent
        if not above.is_dir():
            raise _unwritable(place, f"{above} is a file", instead)
        if not os.access(above, os.W_OK | os.X_OK):
            raise _unwritable(place, f"{above} cannot be written to", instead)


def expect_folder(place: Path, instead: str) -> None:
    """Refuse a folder that files could not be written to; see `expect_place`."""
    with writing(place, instead):
        if place.exists() and not place.is_dir():
            raise _unwritable(place, "a file has this name", instead)
    expect_place(place / "file", instead)


def _unwritable(place: Path, why: str, instead: str) -> StoreError:
    return StoreError(f"{place} cannot be written: {why}. Name another place: {instead}.")
