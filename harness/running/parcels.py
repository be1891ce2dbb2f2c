"""Tasks on their way to a worker and back, as bytes.

A task holds strangers' plugins, so reading it imports their code, which may raise, hang or die.
It is therefore read inside the task's own call, where its time is limited and its death is
noticed; and what comes back is read where a fault costs that one result.
"""

from __future__ import annotations

import traceback
import zlib
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler
from typing import Any

from harness.errors import one_line
from harness.running.surroundings import preserved
from harness.values import Lost, Reply

LARGE_BYTES = 2**24
PRESSED = b"pressed "
"""No pickle begins so."""


def wrapped(value: Any) -> bytes:
    """Make bytes of what travels between processes of our own.

    Both sides hold them until the task is done, so large ones are pressed: ids of a million clips.
    """
    content = ForkingPickler.dumps(value)
    return PRESSED + zlib.compress(content, 1) if len(content) >= LARGE_BYTES else bytes(content)


def unwrapped(content: bytes) -> Any:
    """Read what `wrapped` made; a stranger's class is imported then."""
    if content.startswith(PRESSED):
        return ForkingPickler.loads(zlib.decompress(memoryview(content)[len(PRESSED) :]))
    return ForkingPickler.loads(content)


def pack(function: Callable[[Any], Any], task: Any) -> bytes | Lost:
    """Make bytes of a function and its task, or say why that cannot be done."""
    try:
        return wrapped((function, task))
    except Exception as error:  # a stranger's plugin holds what cannot travel
        return Lost(f"it cannot be sent to another process: {one_line(error)}")


def perform(parcel: bytes) -> Reply:
    """Read a task and do it; called in a worker."""
    with preserved():
        try:
            function, task = unwrapped(parcel)
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
        return Reply(wrapped(value), words, raised)
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
        value = unwrapped(reply.content)
    except Exception as error:  # a stranger's value or error whose class reads back nothing
        return Lost(reply.words if reply.raised else f"{reply.words}: {one_line(error)}")
    if reply.raised:
        raise value
    return value
