"""How a check says what it found: fail with a sentence, or that it cannot tell."""

from __future__ import annotations

from typing import NoReturn

from harness.errors import ConformanceError


class NotApplicable(Exception):
    """A check has nothing to look at here; the message says why."""


def require(holds: bool, otherwise: str) -> None:
    """Fail the check with a sentence unless something holds.

    Raises
    ------
    ConformanceError
        It does not.
    """
    if not holds:
        raise ConformanceError(otherwise)


def not_applicable(why: str) -> NoReturn:
    """End the check as skipped.

    Raises
    ------
    NotApplicable
        Always.
    """
    raise NotApplicable(why)
