"""What a worker announces of cores, memory and GPUs (``dask worker --resources``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness import Resources

NAMES: Mapping[str, tuple[str, ...]] = {
    "cores": ("cores", "core", "cpus", "cpu"),
    "memory": ("memory",),
    "gpus": ("gpus", "gpu"),
}
"""By which names, in letters of any size, a worker may announce each."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a worker may give one task.

    Parameters
    ----------
    names
        By which name Dask knows each resource that was announced.
    """

    has: Resources
    names: Mapping[str, str]

    def asked(self, needs: Resources) -> dict[str, float] | None:
        """Return what Dask is told that a task takes; None for what every worker has."""
        if needs == Resources():
            return None
        found = {
            name: float(min(getattr(needs, of), getattr(self.has, of)))
            for of, name in self.names.items()
        }
        return {name: amount for name, amount in found.items() if amount} or None


def suited(needs: Resources, there: Sequence[Resources]) -> list[int]:
    """Number those that a task may go to: with enough memory and GPUs, and as many cores as it
    needs, or else the most that there are."""
    fit = [number for number, has in enumerate(there) if not needs.lacking_in(has)]
    cores = min(needs.cores, max((there[number].cores for number in fit), default=1))
    return [number for number in fit if there[number].cores >= cores]


def announced_by(worker: Mapping[str, Any]) -> Announced:
    """Read what a scheduler knows of a worker.

    Memory that is not announced is the worker's own limit (``--memory-limit``). What makes no
    sense counts as not announced.
    """
    names: dict[str, str] = {}
    amounts = {"memory": int(worker.get("memory_limit") or 0)}
    for name, amount in dict(worker.get("resources") or {}).items():
        of = next((key for key, known in NAMES.items() if str(name).casefold() in known), None)
        if of is not None and isinstance(amount, (int, float)) and 1 <= amount < 2**63:
            names[of], amounts[of] = str(name), int(amount)
    return Announced(Resources(**amounts), names)
