"""Tasks on their way to a worker and back, as bytes.

A task holds strangers' plugins, so reading it imports their code, which may raise, hang or die.
It is therefore read inside the task's own call, where its time is limited and its death is
noticed; and what comes back is read where a fault costs that one result.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from typing import Any

from harness.errors import one_line
from harness.running.surroundings import preserved


@dataclass(frozen=True, slots=True)
class Lost:
    """What is left of a task whose process was stopped or died."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a task, on its way back.

    Parameters
    ----------
    content
        The result, or the error that was raised, as bytes; None where there is neither.
    words
        Why there is no content, or what to say where it cannot be read.
    """

    content: bytes | None
    words: str = ""
    raised: bool = False


def pack(function: Callable[[Any], Any], task: Any) -> bytes | Lost:
    """Make bytes of a function and its task, or say why that cannot be done."""
    try:
        return bytes(ForkingPickler.dumps((function, task)))
    except Exception as error:  # a stranger's plugin holds what cannot travel
        return Lost(f"it cannot be sent to another process: {one_line(error)}")


def perform(parcel: bytes) -> Reply:
    """Read a task and do it; called in a worker."""
    with preserved():
        try:
            function, task = ForkingPickler.loads(parcel)
        except BaseException as error:  # a stranger's module
            return Reply(None, f"another process cannot read it: {one_line(error)}")
        try:
            result = function(task)
        except Exception as error:
            error.add_note(traceback.format_exc())
            return _reply(error, one_line(error), raised=True)
        except BaseException as error:  # nobody presses Ctrl-C in a worker
            return Reply(None, one_line(error))
        return _reply(result, "what it gave cannot be read")


def _reply(value: Any, words: str, raised: bool = False) -> Reply:
    try:
        return Reply(bytes(ForkingPickler.dumps(value)), words, raised)
    except Exception as error:  # a stranger's value or error that cannot travel
        return Reply(None, words if raised else f"{words}: {one_line(error)}")


def unpack(reply: Reply) -> Any:
    """Return the result of a task, or what is left of it.

    Raises
    ------
    Exception
        What the task raised.
    """
    if reply.content is None:
        return Lost(reply.words)
    try:
        value = ForkingPickler.loads(reply.content)
    except Exception as error:  # a stranger's value or error whose class reads back nothing
        return Lost(reply.words if reply.raised else f"{reply.words}: {one_line(error)}")
    if reply.raised:
        raise value
    return value
