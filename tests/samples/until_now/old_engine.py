"""Old engine, as written in the first version that has engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness import Crew, Engine, Workplace, open_processes, parameter


class OldEngine(Engine):
    """Run on a share of this machine's processors, and leave the rest to others.

    This first line is what `sightbench list` shows. For machines elsewhere, give a crew of your
    own: it sends each task, as bytes, to a worker that does it by `open_processes` there; each
    worker does `workplace.greeting()` first, and `workplace.judge` says whether it can help.
    """

    name = "old-engine"
    version = "1"

    share: float = parameter(0.5, "share of --jobs, the processes that are asked for",
                             low=0.01, high=1.0)  # fmt: skip

    @contextmanager
    def open(self, workplace: Workplace) -> Iterator[Crew]:
        """Start workers; on any way out they are gone."""
        jobs = max(1, round(self.share * workplace.jobs))
        with open_processes(jobs, workplace.scratch) as processes:
            yield processes


plugins = [OldEngine]
