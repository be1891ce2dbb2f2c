"""What the service answered. Its text is a stranger's: cut, cleaned, never obeyed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from harness import ClassifierError, Stopped

_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered request.

    Parameters
    ----------
    body
        The parsed JSON, or None where there was none.
    next_path
        The relative URL of the next page, if any.
    latency_s
        From sending the attempt that was answered to its last byte (s).
    bytes_sent
        Bytes of the bodies of all attempts.
    retries
        Attempts before this one.
    lost
        Attempts among those of which it is unknown whether the service carried them out.
    """

    status: int
    body: Any
    next_path: str | None = None
    latency_s: float = 0.0
    bytes_sent: int = 0
    retries: int = 0
    lost: int = 0

    @property
    def ok(self) -> bool:
        """True for a success."""
        return 200 <= self.status < 300

    def text(self, key: str) -> str:
        """Return a non-empty text of the body, "" where it has none of this name."""
        value = self.body.get(key) if isinstance(self.body, dict) else None
        return value if isinstance(value, str) else ""


def clean(text: object, secrets: Iterable[str] = ()) -> str:
    """Return a stranger's text on one line, without control characters and secrets, cut."""
    words = str(text)
    for secret in secrets:
        if secret:
            words = words.replace(secret, "***")
    words = "".join(character if character.isprintable() else " " for character in words)
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST_TEXT else words[: _LONGEST_TEXT - 1] + "…"


_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._~-]*[A-Za-z0-9])?")
_LONGEST_ID = 128


def usable_id(identifier: object) -> str:
    """Return an id without its prefix, "" where it is none that a path or a terminal can bear."""
    if not isinstance(identifier, str) or len(identifier) > _LONGEST_ID:
        return ""
    bare = bare_id(identifier)
    return bare if _ID.fullmatch(bare) else ""


def share(value: object) -> float | None:
    """Return a confidence from 0 to 1, None where it is anything else (true and NaN included)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value <= 1.0:
        return None
    return float(value)


def bare_id(identifier: str) -> str:
    """Return an id without the prefix that it may carry ("function_ab1" is "ab1")."""
    parts = identifier.split("_")
    return parts[1] if len(parts) == 2 else identifier


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read a Retry-After header, in seconds or as a date (RFC 9110, section 10.2.3)."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def refusal(answer: Answer, doing: str) -> ClassifierError:
    """Return the error for an answer that asking again would not change."""
    said = answer.text("message")
    why = f"the service answered {answer.status}{f' ({said})' if said else ''} to {doing}"
    if answer.status == 402:
        return Stopped(
            f"nyckel: {why}: the account's free quota or its billing ends here. Settle that in "
            "Nyckel's console, then run the same command again: it goes on from here."
        )
    if answer.status in (401, 403):
        return ClassifierError(f"nyckel: {why}. Check that the credentials are this account's.")
    if answer.status == 404:
        return ClassifierError(
            f"nyckel: {why}. If the function was deleted in the console, delete the cell's folder "
            "and run again to make it anew (that is paid anew)."
        )
    return ClassifierError(f"nyckel: {why}.")


def unexpected(answer: Answer, doing: str, missing: str) -> ClassifierError:
    """Return the error for a success that does not hold what it must."""
    return ClassifierError(
        f"nyckel: the service's answer {answer.status} to {doing} has no usable {missing!r}. "
        "Its API may have changed: see whether a newer sightbench knows it."
    )
