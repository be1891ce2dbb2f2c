"""Which files of a folder or zip are recordings, and what is said of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from plugins.datasets.file_names import (
    AUDIO_SUFFIXES,
    FOREIGN_SUFFIXES,
    UNFINISHED_SUFFIXES,
    Listed,
    suffix_of,
)
from plugins.datasets.first_bytes import is_sound
from plugins.datasets.listings import Listing
from plugins.datasets.stores import Store

NAMED = 3
"""How many of the things that a sentence counts it names."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The files of a listing, sorted out.

    Parameters
    ----------
    recordings
        Clips, bad ones with their fault.
    by_content
        Those among them that only their first bytes show to be recordings.
    rest
        What is no recording.
    """

    recordings: tuple[Listed, ...]
    by_content: tuple[str, ...]
    rest: tuple[str, ...]


def sort_out(store: Store, listing: Listing) -> Sorted:
    """Tell recordings from the rest: by suffix, or by the first bytes where it says nothing.

    A recording of a kind that cannot be read is listed with its fault.
    """
    recordings: list[Listed] = []
    by_content: list[str] = []
    rest: list[str] = []
    for file in listing.files:
        suffix = suffix_of(file.name)
        if file.fault or suffix in AUDIO_SUFFIXES:
            recordings.append(file)
        elif suffix not in UNFINISHED_SUFFIXES and is_sound(store, file.name):
            recordings.append(file)
            by_content.append(file.name)
        elif suffix in FOREIGN_SUFFIXES:
            recordings.append(Listed(file.name, _foreign(suffix)))
        else:
            rest.append(file.name)
    return Sorted(tuple(recordings), tuple(by_content), tuple(rest))


def _foreign(suffix: str) -> str:
    return f"is a {suffix} recording, which cannot be read here: convert it to WAV or FLAC"


def describe_left_out(listing: Listing, found: Sorted, path: str) -> list[str]:
    """Say in sentences what a listing left out, and what it took in unasked."""
    said = []
    if found.rest:
        said.append(f"Left out as no recordings: {_by_suffix(found.rest)} ({some(found.rest)}).")
    if listing.hidden:
        said.append(
            f"Left out as hidden, or kept by a system: {len(listing.hidden)} "
            f"({some(listing.hidden)})."
        )
    for what, several in Counter(each.fault for each in listing.others).items():
        names = [each.name for each in listing.others if each.fault == what]
        said.append(f"Left out: {several} × something that {what} ({some(names)}).")
    if found.by_content:
        said.append(
            f"Recordings by their first bytes, not by their names: {_by_suffix(found.by_content)} "
            f"({some(found.by_content)})."
        )
    if listing.outside:
        said.append(
            f"Followed out of {path!r}: {counted(len(listing.outside), 'link')} "
            f"({some(listing.outside)})."
        )
    return said


def _by_suffix(names: Iterable[str]) -> str:
    counts = Counter(suffix_of(name) or "without a suffix" for name in names)
    return ", ".join(f"{count} {suffix}" for suffix, count in counts.most_common())


def counted(number: int, noun: str) -> str:
    """Return "1 file", "2 files"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def some(names: Sequence[str]) -> str:
    """Return the first few of some names."""
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
