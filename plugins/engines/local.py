"""The machine on which a run was started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness import Crew, Engine, Workplace, open_processes


class Local(Engine):
    """Processes of this machine, as many as --jobs says."""

    name = "local"

    @contextmanager
    def open(self, workplace: Workplace) -> Iterator[Crew]:
        """Start the processes."""
        with open_processes(workplace.jobs, workplace.scratch) as processes:
            yield processes


plugins = [Local]
