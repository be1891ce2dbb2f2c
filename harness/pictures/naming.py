"""Names and hashes of exported pictures: safe on any system, different for different clips."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

LONGEST = 60
"""Letters of a name that are for a reader; a hash after them tells names apart."""

_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
"""Names that Windows keeps for devices."""


def picture_name(id: str) -> str:
    """Name the picture of a clip, without suffix: what is readable of its id, and a hash of it."""
    return f"{_readable(id)[-LONGEST:].strip(' .') or 'clip'}-{_hash(id, 6)}"


def folder_names(labels: Iterable[str]) -> dict[str, str]:
    """Name a folder a class: the label itself where any system takes it, else with a hash."""
    known = sorted(set(labels))
    alike = Counter(_folded(label) for label in known)
    return {
        label: label
        if _is_safe(label) and alike[_folded(label)] == 1
        else f"{_readable(label)[:LONGEST].strip(' .') or 'class'}-{_hash(label, 4)}"
        for label in known
    }


def pixel_hash(pixels: NDArray[np.uint8]) -> str:
    """Hash the pixels of one picture [shape=(height, width, 3)]."""
    data = f"{pixels.shape} ".encode() + np.ascontiguousarray(pixels).tobytes()
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _is_safe(label: str) -> bool:
    stem = label.partition(".")[0].strip().casefold()
    fits = label == _readable(label).strip(" .") and 0 < len(label) <= LONGEST
    return fits and stem not in _RESERVED and label == unicodedata.normalize("NFC", label)


def _readable(text: str) -> str:
    """Replace what any system may take for something else than a letter of a name."""
    return "".join(c if c.isalnum() or c in " -_." else "_" for c in text)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _hash(text: str, size: int) -> str:
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=size).hexdigest()
