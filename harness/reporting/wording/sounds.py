"""How much of a report can be heard, in words."""

from __future__ import annotations

from typing import Protocol


class Heard(Protocol):
    """What the words are about: how many sounds, how large, and why others are missing."""

    @property
    def count(self) -> int:
        """Clips that can be heard."""

    @property
    def size(self) -> int:
        """Bytes that they take."""

    @property
    def silent(self) -> tuple[tuple[str, int], ...]:
        """Why other clips cannot be heard, and how many."""


def megabytes(size: int) -> str:
    """Write a size: "3.4 MB", "80 kB"."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{-(-size // 1000)} kB"


def hearing(sounds: Heard) -> str:
    """Say how many clips can be heard, what they take, and why others cannot."""
    parts = []
    if sounds.count:
        parts.append(
            f"{_clips(sounds.count)} can be heard, each without its offset and at the same peak "
            f"level: {megabytes(sounds.size)} of this page."
        )
    parts += [f"{_clips(count)} cannot be heard: {why}." for why, count in sounds.silent]
    return " ".join(parts)


def _clips(count: int) -> str:
    return "1 clip" if count == 1 else f"{count} clips"
