"""Numbers of a series as text, with a reason where they are none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness import BadClip

MISSING = b"?"
SHOWN = 24
"""Characters of a stranger's text that a sentence repeats."""


def parse_channels(channels: Sequence[Sequence[bytes]]) -> NDArray[np.float32]:
    """Turn written numbers into channels [shape=(channels, n)], without padding at the end.

    Raises
    ------
    BadClip
        A value is no number, or is missing elsewhere than at the end; channels differ in length.
    """
    rows = [_numbers(values) for values in channels]
    if len({len(row) for row in rows}) > 1:
        lengths = ", ".join(str(len(row)) for row in rows)
        raise BadClip(f"has channels of different lengths ({lengths[:SHOWN]})")
    samples = np.stack(rows)
    filled = np.flatnonzero(~np.isnan(samples).all(axis=0))
    samples = samples[:, : filled[-1] + 1] if len(filled) else samples[:, :0]
    if not samples.size:
        raise BadClip("holds no samples")
    with np.errstate(over="ignore"):
        narrow = samples.astype(np.float32)
    if not np.isfinite(narrow).all():
        at = int(np.flatnonzero(~np.isfinite(narrow).all(axis=0))[0]) + 1
        raise BadClip(f"holds missing or infinite values (NaN, '?'), the first as value {at}")
    return narrow


def shown(text: bytes) -> str:
    """Return a stranger's text for a sentence: short, on one line, without control bytes."""
    plain = text.decode("utf-8", "backslashreplace")
    return repr(plain if len(plain) <= SHOWN else plain[:SHOWN] + "…")


def _numbers(values: Sequence[bytes]) -> NDArray[np.float64]:
    stripped = [value.strip() for value in values]
    try:
        return np.array([_number(value) for value in stripped], np.float64)
    except ValueError:
        at = next(place for place, value in enumerate(stripped) if not _is_number(value))
        raise BadClip(
            f"is not all numbers: {shown(stripped[at])} stands where value {at + 1} should be"
        ) from None


def _number(value: bytes) -> float:
    if b"_" in value:
        raise ValueError
    return np.nan if value == MISSING else float(value)


def _is_number(value: bytes) -> bool:
    try:
        _number(value)
    except ValueError:
        return False
    return True
