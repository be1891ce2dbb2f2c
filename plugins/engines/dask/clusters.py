"""A cluster that is there is joined; one of a batch system or of this machine is started."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import Resources, SightbenchError, Workplace, one_line, printable

CONNECTING_S = 10.0
"""A scheduler that does not answer for so long is not there."""
ENDING_S = 10.0
"""What workers of this machine get to end."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cluster; see `plugins.engines.dask.plugin.Dask` for each."""

    scheduler: str
    slurm: str
    workers: int
    memory: str
    walltime: str
    account: str
    interface: str


Opened = tuple[Any, Callable[[], None]]
"""A client, and what asks for workers in place of lost ones."""


@contextmanager
def opened_cluster(wanted: Wanted, workplace: Workplace) -> Iterator[Opened]:
    """Join or start the cluster that an engine names; what was started is gone afterwards.

    Raises
    ------
    SightbenchError
        There is none.
    """
    with _quiet():
        if wanted.scheduler:
            with _joined(wanted.scheduler) as client:
                yield client, lambda: None
        elif wanted.slurm:
            with _of_slurm(wanted, workplace) as found:
                yield found
        elif wanted.workers:
            with _of_this_machine(wanted.workers, workplace) as client:
                yield client, lambda: None
        else:
            raise SightbenchError(
                "The engine dask has no machines: say which, dask[scheduler=tcp://host:8786], "
                "dask[slurm=PARTITION,workers=8], or dask[workers=2] to try it on this one."
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask from writing on the terminal what a run says in sentences."""
    import distributed  # noqa: F401  # first, for it sets the levels of its loggers

    names = ("distributed", "dask_jobqueue", "tornado")
    loggers = [logging.getLogger(name) for name in names]
    before = [each.level for each in loggers]
    children = [
        logging.getLogger(n) for n in logging.root.manager.loggerDict if n.startswith(names)
    ]
    levels = [each.level for each in children]
    for each in (*loggers, *children):
        each.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip((*loggers, *children), (*before, *levels), strict=True):
            logger.setLevel(level)


@contextmanager
def _joined(address: str | Any) -> Iterator[Any]:
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECTING_S, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        shown = printable(str(address))
        raise SightbenchError(
            f"There is no Dask scheduler at {shown} ({one_line(error)}). Start one (dask "
            "scheduler), and workers (dask worker ADDRESS --no-nanny --nthreads 1)."
        ) from None
    try:
        yield client
    finally:
        with suppress(Exception):  # a connection that is lost already
            client.close(timeout=CONNECTING_S)


@contextmanager
def _of_this_machine(count: int, workplace: Workplace) -> Iterator[Any]:
    """Start a scheduler in this process, and workers as processes of their own."""
    from distributed import LocalCluster

    cluster = LocalCluster(
        n_workers=0,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address=None,
    )
    try:
        with _processes(count, cluster.scheduler_address, workplace), _joined(cluster) as client:
            yield client
    finally:
        with suppress(Exception):
            cluster.close(timeout=ENDING_S)


@contextmanager
def _processes(count: int, address: str, workplace: Workplace) -> Iterator[None]:
    """Start workers; they end when their scheduler does, whatever becomes of this process."""
    folder = Path(workplace.scratch or Path.cwd()) / "dask"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address]
    command += ["--no-nanny", "--nthreads", "1", "--no-dashboard"]
    command += ["--local-directory", str(folder), "--death-timeout", "30"]
    command += ["--resources", f"cores={max(1, (os.cpu_count() or 1) // count)}"]
    started = []
    try:
        for _ in range(count):
            started.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=os.environ | {"PYTHONSAFEPATH": "1"},
                    process_group=0,  # Ctrl-C is for the run, which ends them
                )
            )
        yield
    finally:
        for each in started:
            each.terminate()
        for each in started:
            try:
                each.wait(ENDING_S)
            except subprocess.TimeoutExpired:
                each.kill()
                each.wait()


@contextmanager
def _of_slurm(wanted: Wanted, workplace: Workplace) -> Iterator[Opened]:
    """Start jobs of SLURM, each one worker; their scheduler is in this process.

    Each has what any task of the run needs: a core, `memory` and no GPU, unless that is more.
    """
    count = wanted.workers or 1
    cluster = slurm_cluster()(
        queue=wanted.slurm,
        account=wanted.account or None,
        processes=1,
        walltime=wanted.walltime,
        interface=wanted.interface or None,
        nanny=False,
        scheduler_options={"dashboard_address": ":0"},
        log_directory=str(Path(workplace.scratch or Path.cwd()).absolute() / "slurm"),
        **_of_each_job(workplace.needs, wanted.memory),
    )
    try:
        cluster.scale(jobs=count)
        with _joined(cluster) as client:
            yield client, lambda: cluster.scale(jobs=count)
    finally:
        with suppress(Exception):
            cluster.close(timeout=ENDING_S)


def slurm_cluster() -> Any:
    """Import what starts jobs, and let Ctrl-C be: the module takes it for itself."""
    before = signal.getsignal(signal.SIGINT)
    from dask_jobqueue import SLURMCluster

    signal.signal(signal.SIGINT, before)
    return SLURMCluster


def _of_each_job(needs: Resources, memory: str) -> dict[str, Any]:
    """Ask SLURM for what tasks need, and let each worker announce what its job has.

    Dask is told of one core: a worker does one task at a time.

    Raises
    ------
    SightbenchError
        `memory` is no amount.
    """
    from dask.utils import parse_bytes

    try:
        size = max(parse_bytes(memory), needs.memory)
    except ValueError:
        raise SightbenchError(f"dask: memory={memory!r} is no amount; write 4GB.") from None
    asked: dict[str, Any] = {"cores": 1, "memory": f"{size}B"}
    if needs.cores > 1:
        asked["job_cpu"] = needs.cores
    if needs.gpus:
        asked["job_extra_directives"] = [f"--gres=gpu:{needs.gpus}"]
    if needs != Resources():
        values = f"cores={needs.cores},memory={size},gpus={needs.gpus}"
        asked["worker_extra_args"] = ["--resources", values]
    return asked
