"""A Dask cluster of processes on loopback: a scheduler and three workers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.docs.test_docs import console_lines, sightbench_words

PATIENCE_S = 300.0
"""Whatever takes longer than this hangs, on however slow a machine; a worker starts in seconds."""
TEST_S = 4 * PATIENCE_S
"""So long may a test wait in all."""


@dataclass
class Cluster:
    """Processes of a Dask cluster, each with a file of what it said."""

    folder: Path
    port: int
    host: str = "127.0.0.1"
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"tcp://{self.host}:{self.port}"

    @property
    def engine(self) -> str:
        return f"dask[scheduler={self.address},wait=60]"

    def start_scheduler(self) -> None:
        """Start the scheduler and wait until it listens."""
        self.scheduler = self.start(
            "scheduler", "distributed.cli.dask_scheduler", "--host", self.host,
            "--port", str(self.port), "--no-dashboard",
        )  # fmt: skip
        wait_until(self.listens)

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((self.host, self.port)) == 0

    def start_worker(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker as docs/clusters.md says."""
        number = len(self.workers)
        home = self.folder / f"worker-{number}"
        worker = self.start(
            f"worker-{number}", "distributed.cli.dask_worker", self.address,
            "--nthreads", "1", "--no-dashboard", "--local-directory", str(home),
            *(options or ("--no-nanny",)), **environment,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def start(self, name: str, module: str, *options: str, **environment: str):
        with (self.folder / f"{name}.txt").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", module, *options],
                cwd=self.folder,
                env=os.environ | {"PYTHONSAFEPATH": "1", "OMP_NUM_THREADS": "1"} | environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def known(self) -> int:
        """Ask the scheduler how many workers it has."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            return len(client.scheduler_info()["workers"])

    def end(self) -> None:
        for each in [*self.workers, self.scheduler]:
            if each is not None and each.poll() is None:
                each.kill()
                each.wait()

    def words(self) -> str:
        """Return what all of it said."""
        return "\n".join(path.read_text(errors="replace") for path in self.folder.glob("*.txt"))


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.1)


@contextmanager
def opened(folder: Path, workers: int) -> Iterator[Cluster]:
    """Start a cluster; all of it is gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cluster = Cluster(folder, port)
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        wait_until(lambda: cluster.known() == workers)
        yield cluster
    finally:
        cluster.end()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a cluster of three workers, for tests that kill none."""
    pytest.importorskip("dask_jobqueue", reason="a Dask cluster needs the extra dask")
    with opened(tmp_path_factory.mktemp("cluster"), 3) as running:
        yield running


@pytest.fixture
def own_cluster(tmp_path: Path) -> Callable[[int], object]:
    """Return what opens a cluster of a test's own."""
    pytest.importorskip("dask_jobqueue", reason="a Dask cluster needs the extra dask")
    folder = tmp_path / "own-cluster"
    folder.mkdir()
    return lambda workers: opened(folder, workers)


PAGE = Path(__file__).parents[3] / "docs" / "clusters.md"


def run_shown(folder: Path, wanted: Callable[[str], bool]) -> int:
    """Run the commands of docs/clusters.md that are wanted; return how many there were."""
    lines = [line for line in console_lines(PAGE.read_text(encoding="utf-8")) if wanted(line)]
    for line in lines:
        words = sightbench_words(os.path.expandvars(line.replace("/shared", str(folder))))
        assert words is not None
        done = subprocess.run(
            [sys.executable, "-m", "harness", *words],
            cwd=folder, capture_output=True, text=True, check=False,
            env=os.environ | {"SIGHTBENCH_CACHE": str(folder / "cache")},
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return len(lines)
