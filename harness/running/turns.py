"""Tasks wait their turn until this machine has, beside those at work, what they need."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.values import Resources


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A task that waits: what it takes of the machine, and what begins it."""

    takes: Resources
    begin: Callable[[], None]

    @property
    def special(self) -> bool:
        """Say whether it takes more than one place."""
        return self.takes != Resources()


@dataclass(slots=True)
class Turns:
    """Who may begin: in the order of coming, so that a large task is not put off for ever.

    Where no task takes more than one core they may all begin: a pool has a queue of its own, and
    the next one is there at once. A task that takes more waits until so much is free.

    Parameters
    ----------
    has
        What the machine has; a task that needs more takes all of it.
    """

    has: Resources
    _waiting: deque[Turn] = field(default_factory=deque)
    _at_work: list[Turn] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.RLock)

    def take(self, needs: Resources, begin: Callable[[], None]) -> Turn:
        """Let a task wait its turn; `begin` is called when it comes, perhaps at once."""
        turn = Turn(_within(needs, self.has), begin)
        with self._lock:
            self._waiting.append(turn)
        self._deal()
        return turn

    def leave(self, turn: Turn) -> None:
        """Hear that a task is done."""
        with self._lock:
            if turn in self._at_work:
                self._at_work.remove(turn)
        self._deal()

    def forget(self) -> None:
        """Let nobody wait any more."""
        with self._lock:
            self._waiting.clear()
            self._at_work.clear()

    def _deal(self) -> None:
        while (turn := self._next()) is not None:
            turn.begin()

    def _next(self) -> Turn | None:
        with self._lock:
            if not self._waiting or not self._has_room(self._waiting[0]):
                return None
            self._at_work.append(self._waiting.popleft())
            return self._at_work[-1]

    def _has_room(self, turn: Turn) -> bool:
        together = [*self._at_work, turn]
        if not any(each.special for each in together):
            return True
        return all(
            sum(getattr(each.takes, name) for each in together) <= getattr(self.has, name)
            for name in ("cores", "memory", "gpus")
        )


def _within(needs: Resources, has: Resources) -> Resources:
    return Resources(
        min(needs.cores, has.cores), min(needs.memory, has.memory), min(needs.gpus, has.gpus)
    )
