"""What a person writes: which cluster."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import ClassVar

from harness import Crew, Engine, ParameterError, Workplace, parameter


class Dask(Engine):
    """The machines of a Dask cluster: one that is there, of SLURM, or tried out on this machine.

    One of `scheduler`, `slurm` and `workers` alone says which. All machines see the folders of
    results, pictures (--cache) and recordings under the same paths, and have the same versions of
    Python, sightbench and its libraries. Whoever reaches a scheduler can run programs on its
    machines: use networks that you trust, or TLS (docs/clusters.md).
    """

    name = "dask"
    requires: ClassVar[tuple[str, ...]] = ("distributed", "dask_jobqueue")
    extra: ClassVar[str] = "dask"
    elsewhere: ClassVar[bool] = True

    scheduler: str = parameter("", "address of a scheduler that runs: tcp://host:8786")
    slurm: str = parameter("", "partition of SLURM (sinfo names them) in which jobs are started")
    workers: int = parameter(
        0, "jobs of SLURM, or processes of this machine where nothing else is said", low=0
    )
    memory: str = parameter("4GB", "of each job of SLURM")
    walltime: str = parameter("01:00:00", "of each job of SLURM")
    account: str = parameter("", "that jobs of SLURM are billed to")
    interface: str = parameter("", "network interface of this and SLURM's machines: ib0, eth0")
    wait: float = parameter(600.0, "seconds without any worker after which a run ends", low=1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scheduler and self.slurm:
            raise ParameterError("dask: scheduler= and slurm= name two clusters; give one.")
        if self.scheduler and self.workers:
            raise ParameterError("dask: the workers of a scheduler that runs are its own.")

    def opens_ahead(self) -> bool:
        """Say so, but for SLURM: jobs are asked for when it is certain that there are clips."""
        return not self.slurm

    @contextmanager
    def open(self, workplace: Workplace) -> Iterator[Crew]:
        """Join or start the cluster, and greet its workers."""
        from plugins.engines.dask.clusters import Wanted, opened_cluster
        from plugins.engines.dask.crew import DaskCrew
        from plugins.engines.dask.seats import Seating

        seating = Seating(
            f"{os.getpid()}-{secrets.token_hex(4)}", str(workplace.folder), workplace.sources
        )
        values = {each.name: getattr(self, each.name) for each in fields(Wanted)}
        with opened_cluster(Wanted(**values), workplace) as (client, replace):
            crew = DaskCrew(client, workplace, seating, self.wait, replace)
            try:
                crew.await_first()
                workplace.tell(
                    f"{_counted(crew.size, 'Dask worker')} on "
                    f"{_counted(crew.machines, 'machine')}; look at them: "
                    f"{client.dashboard_link}"
                )
                yield crew
            finally:
                crew.close()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
