"""What a check is and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from harness.conformance.subject import Subject
from harness.conformance.verdicts import NotApplicable
from harness.errors import ConformanceError, SightbenchError, one_line

Status = Literal["pass", "fail", "skipped"]


@dataclass(frozen=True, slots=True)
class Check:
    """One small thing that any plugin of some kinds must do.

    Parameters
    ----------
    name
        How a person and `expected_failures` name it.
    kinds
        The kinds of plugin that it is for.
    asks
        What it asks, in a sentence.
    remedy
        What to do where it fails.
    look
        Raises `ConformanceError` where the plugin does otherwise, `NotApplicable` where it
        cannot tell.
    """

    name: str
    kinds: tuple[str, ...]
    asks: str
    remedy: str
    look: Callable[[Subject], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check of one plugin; `reason` says why it failed or was skipped."""

    plugin: str
    check: Check
    status: Status
    reason: str = ""


def check(*kinds: str, remedy: str) -> Callable[[Callable[[Subject], None]], Check]:
    """Make a check of a function: its name and the first line of its docstring are the check's."""

    def made(look: Callable[[Subject], None]) -> Check:
        asks = (look.__doc__ or "").strip().partition("\n")[0]
        return Check(look.__name__.replace("_", "-"), kinds, asks, remedy, look)

    return made


def run_check(check: Check, subject: Subject) -> Outcome:
    """Run one check; whatever the plugin raises is a failure, never a crash."""
    title = str(subject)
    try:
        check.look(subject)
    except NotApplicable as skipped:
        return Outcome(title, check, "skipped", str(skipped))
    except (ConformanceError, SightbenchError) as error:
        return Outcome(title, check, "fail", str(error))
    except Exception as error:
        place = _place(error)
        return Outcome(title, check, "fail", f"raised {one_line(error)}{place}")
    return Outcome(title, check, "pass")


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" (in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno})" if trace else ""
