"""Machines and processes are lost in the middle of a run: time is, never a finished cell."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import psutil
import pytest

from tests.plugins.engines.conftest import PATIENCE_S, TEST_S, Cluster, opened, wait_until

pytestmark = pytest.mark.timeout(TEST_S)

SAMPLES = Path(__file__).parents[2] / "samples"
TONES, WRECKER = SAMPLES / "tones.py", SAMPLES / "wrecker.py"
SLOW = '''
import time
from harness import Classifier, Predictions, parameter

class Slow(Classifier):
    """Takes its time, and learns nothing."""
    name = "slow"
    control = True
    seconds: float = parameter(1.0, "how long it learns")

    def cross_validates(self):
        return False

    def fit(self, features, labels, rng):
        time.sleep(self.seconds)
        return Always(tuple(sorted(set(labels.tolist()))))

class Always:
    def __init__(self, classes):
        self.classes = classes

    def predict(self, features):
        return Predictions.from_scores(
            features.ids, self.classes, [[1.0] + [0.0] * (len(self.classes) - 1)] * len(features)
        )

plugins = [Slow]
'''
CELLS = 9


class Started:
    """A run in a process of its own, on a cluster."""

    def __init__(self, folder: Path, engine: str, *choices: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "harness", "run", "--engine", engine, *choices]
        command += ["--plugin", str(TONES), "-d", "tones", "--split", "stratified", "--folds", "0"]
        command += ["--results", "results", "--cache", "cache", "--format", "json"]
        self.output = (folder / "output.txt").open("ab")
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=self.output,
            env=os.environ | {"OMP_NUM_THREADS": "1"}, start_new_session=True,
        )  # fmt: skip

    def end(self) -> int:
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()
            self.output.close()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def words(self) -> str:
        return " ".join((self.folder / "output.txt").read_text(errors="replace").split())

    def records(self) -> dict[str, dict[str, object]]:
        found = self.folder.glob("results/*/*/cells/[!.]*/record.json")
        return {path.parent.name: json.loads(path.read_text()) for path in found}

    def at_work(self) -> int:
        return len(list(self.folder.glob("results/*/*/work/*/started")))


def slow_run(folder: Path, engine: str, seconds: float = 1.0, *choices: str) -> Started:
    """Start nine cells that take their time, every one a task of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "slow.py").write_text(SLOW)
    return Started(
        folder, engine, "--plugin", "slow.py", "-r", "levels", "-c", f"slow[seconds={seconds}]",
        "--seeds", str(CELLS), "--timeout", "60", *choices,
    )  # fmt: skip


@pytest.fixture(scope="module")
def fallible(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a cluster whose workers are killed."""
    pytest.importorskip("dask_jobqueue", reason="a Dask cluster needs the extra dask")
    with opened(tmp_path_factory.mktemp("fallible"), 3) as cluster:
        yield cluster


def complete(cluster: Cluster) -> Cluster:
    """Bring a cluster back to a scheduler and three workers."""
    if cluster.scheduler is None or cluster.scheduler.poll() is not None:
        cluster.start_scheduler()
    wait_until(lambda: cluster.known() == len(alive(cluster)))
    for _ in range(3 - len(alive(cluster))):
        cluster.start_worker()
    wait_until(lambda: cluster.known() == 3)
    return cluster


def alive(cluster: Cluster) -> list[subprocess.Popen[bytes]]:
    return [worker for worker in cluster.workers if worker.poll() is None]


def children(cluster: Cluster) -> list[psutil.Process]:
    """List what runs tasks on the workers: children of the process that forks them."""
    found = []
    for worker in alive(cluster):
        for child in psutil.Process(worker.pid).children(recursive=True):
            with suppress(psutil.Error):  # it ends just now
                if "forkserver" in " ".join(child.cmdline()) and child.ppid() != worker.pid:
                    found.append(child)
    return found


def ok(started: Started) -> list[str]:
    """Name the finished cells; one that ran twice has a second folder."""
    return sorted(name for name, record in started.records().items() if record["status"] == "ok")


def begun(started: Started, finished: int = 1) -> None:
    wait_until(lambda: started.ended() or (len(ok(started)) >= finished and started.at_work() > 0))
    assert not started.ended(), started.words()


def test_a_killed_worker_costs_time_and_no_cell(fallible: Cluster, tmp_path: Path) -> None:
    cluster = complete(fallible)
    started = slow_run(tmp_path / "run", cluster.engine)
    begun(started)
    alive(cluster)[0].send_signal(signal.SIGKILL)
    assert started.end() == 0, started.words()
    assert len(ok(started)) == len(started.records()) == CELLS
    assert "is gone; what it was at is done elsewhere. 2 are left." in started.words()
    assert all(record["host"] for record in started.records().values())


def test_a_worker_that_joins_later_helps(fallible: Cluster, tmp_path: Path) -> None:
    cluster = complete(fallible)
    started = slow_run(tmp_path / "run", cluster.engine, seconds=30.0)
    wait_until(lambda: started.at_work() > 0)
    cluster.start_worker()
    wait_until(lambda: "has joined; there are 4 now." in started.words())
    wait_until(lambda: started.at_work() == 4)
    started.process.send_signal(signal.SIGINT)
    started.end()
    cluster.workers.pop().terminate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_leaves_no_task(fallible: Cluster, tmp_path: Path, number: int) -> None:
    cluster = complete(fallible)
    started = slow_run(tmp_path / "run", cluster.engine)
    begun(started)
    started.process.send_signal(number)
    started.end()
    wait_until(lambda: not children(cluster) or number == signal.SIGKILL)
    wait_until(lambda: is_quiet(cluster))
    before = settled(started)
    assert len(before) < CELLS  # what was at work may have ended well; what waited never began
    if number == signal.SIGINT:
        assert "the same command goes on" in started.words()
    again = slow_run(tmp_path / "run", cluster.engine)
    assert again.end() == 0, again.words()
    assert len(ok(again)) == len(again.records()) == CELLS
    assert set(before) <= set(ok(again))


def test_a_run_that_waits_for_workers_can_be_stopped(
    own_cluster: Callable[[int], AbstractContextManager[Cluster]], tmp_path: Path
) -> None:
    with own_cluster(0) as cluster:
        started = slow_run(tmp_path / "run", cluster.engine)
        process = psutil.Process(started.process.pid)
        wait_until(
            lambda: any(
                each.raddr and each.raddr.port == cluster.port
                for each in process.net_connections("tcp")
            )
        )
        started.process.send_signal(signal.SIGINT)
        assert started.end() not in (0, -signal.SIGKILL), started.words()
    assert "stopped before any cell; the same command goes on" in started.words()
    assert "Traceback" not in started.words()


def settled(started: Started) -> list[str]:
    """Return what is finished once no more is."""
    before: list[str] | None = None
    while before != ok(started):
        before = ok(started)
        time.sleep(1.5)
    return before


def is_quiet(cluster: Cluster) -> bool:
    """Say whether no worker is at a task."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        return not any(client.processing().values())


def test_the_end_of_the_scheduler_ends_the_run_with_a_sentence(
    fallible: Cluster, tmp_path: Path
) -> None:
    cluster = complete(fallible)
    started = slow_run(tmp_path / "run", cluster.engine)
    begun(started)
    assert cluster.scheduler is not None
    cluster.scheduler.kill()
    assert started.end() == 2, started.words()
    assert "is gone or does not answer. What is finished is kept" in started.words()
    assert "Traceback" not in started.words()
    assert "distributed." not in started.words(), "Dask says it again in its own words"
    assert {record["status"] for record in started.records().values()} == {"ok"}
    wait_until(lambda: not alive(cluster))
    again = slow_run(tmp_path / "run", complete(cluster).engine)
    assert again.end() == 0, again.words()
    assert len(ok(again)) == len(again.records()) == CELLS


def test_what_a_cell_does_is_told_of_that_cell(cluster: Cluster, tmp_path: Path) -> None:
    deeds = {
        "segfault": "segmentation fault (SIGSEGV)",
        "leave-badly": "its process died with exit status 9",
        "hang": "stopped after 15 s (--timeout)",
        "raise": "on purpose",
    }
    classifiers = [f"wrecker[place=fit,deed={deed}]" for deed in deeds]
    started = Started(
        tmp_path / "run", cluster.engine, "--plugin", str(WRECKER), "-r", "levels",
        *(word for name in ("majority", *classifiers) for word in ("-c", name)),
        "--timeout", "15",
    )  # fmt: skip
    assert started.end() == 1, started.words()
    reasons = {str(r["classifier"]): str(r["reason"]) for r in started.records().values()}
    assert reasons.pop("majority") == ""
    for deed, reason in deeds.items():
        (told,) = [why for name, why in reasons.items() if f"deed={deed}" in name]
        assert reason in told
    assert cluster.known() == 3


GREEDY = (
    "--plugin", str(WRECKER), "-r", "levels", "-c", "majority", "-c", "nearest-mean",
    "-c", "wrecker[place=fit,deed=grow]",
)  # fmt: skip


def told_of_greed(started: Started) -> str:
    """Return why the cell that took too much failed; the others are finished, once."""
    assert started.end() == 1, started.words()
    records = started.records().values()
    assert len(records) == 3
    found = {str(r["classifier"]): (str(r["status"]), str(r["reason"])) for r in records}
    status, reason = found.pop("wrecker[deed=grow]" if "wrecker[deed=grow]" in found else GROWN)
    assert status == "failed"
    assert set(found.values()) == {("ok", "")}
    return reason


GROWN = "wrecker[deed=grow,place=fit]"


def test_a_cell_that_takes_more_memory_than_its_worker_may_have_fails_by_name(
    own_cluster: Callable[[int], AbstractContextManager[Cluster]], tmp_path: Path
) -> None:
    with own_cluster(0) as cluster:
        for _ in range(2):
            cluster.start_worker("--no-nanny", "--memory-limit", "1.5GB")
        wait_until(lambda: cluster.known() == 2)
        started = Started(tmp_path / "run", cluster.engine, *GREEDY)
        reason = told_of_greed(started)
        assert cluster.known() == 2
    assert "took more memory than the 1.4 GB that its worker may have (--memory-limit)" in reason
    assert "is gone" not in started.words()


def test_a_cell_that_runs_out_of_memory_here_fails_by_name(tmp_path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (5 * 2**29, limit[1]))  # what is started inherits it
    try:
        started = Started(tmp_path / "run", "local", *GREEDY, "--jobs", "2")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limit)
    assert "MemoryError" in told_of_greed(started)


def stranger(cluster: Cluster, folder: Path, *before: str, **environment: str) -> None:
    """Let a worker join that is not like the others."""
    cluster.workers.append(
        subprocess.Popen(
            [*before, sys.executable, "-m", "distributed.cli.dask_worker", cluster.address,
             "--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)],
            env=os.environ | {"PYTHONSAFEPATH": "1"} | environment, cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )
    )  # fmt: skip


def refusal(fallible: Cluster, folder: Path, *before: str, **environment: str) -> str:
    """Start a run on a cluster of one worker that is not like this machine; return its words."""
    for worker in alive(fallible):
        worker.kill()
        worker.wait()
    if fallible.scheduler is None or fallible.scheduler.poll() is not None:
        fallible.start_scheduler()
    stranger(fallible, folder / "worker", *before, **environment)
    wait_until(lambda: fallible.known() == 1)
    started = slow_run(folder / "run", fallible.engine)
    assert started.end() == 2, started.words()
    assert not started.records()
    return started.words()


def test_a_worker_with_another_version_is_refused(fallible: Cluster, tmp_path: Path) -> None:
    older = tmp_path / "older" / "scipy-1.0.0.dist-info"
    older.mkdir(parents=True)
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: scipy\nVersion: 1.0.0\n")
    words = refusal(fallible, tmp_path, PYTHONPATH=str(older.parent))
    assert "has scipy 1.0.0, the run " in words
    assert "pip install scipy==" in words


def test_a_worker_that_does_not_see_the_folders_is_refused(
    fallible: Cluster, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("hiding a folder from one process takes root")
    (tmp_path / "run").mkdir()
    hide = f'mount -t tmpfs none {tmp_path / "run"} && exec "$@"'
    words = refusal(fallible, tmp_path, "unshare", "--mount", "sh", "-c", hide, "sh")
    assert "does not share the folder of results" in words
    assert "(--results)" in words
    assert "does not share the folder of drawn pictures" in words


def test_a_plugin_file_that_a_worker_lacks_is_sent(fallible: Cluster, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("hiding a folder from one process takes root")
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "slow.py").write_text(SLOW)
    for worker in alive(fallible):
        worker.kill()
        worker.wait()
    if fallible.scheduler is None or fallible.scheduler.poll() is not None:
        fallible.start_scheduler()
    hide = f'mount -t tmpfs none {hidden} && exec "$@"'
    stranger(fallible, tmp_path / "worker", "unshare", "--mount", "sh", "-c", hide, "sh")
    wait_until(lambda: fallible.known() == 1)
    started = Started(
        tmp_path / "run", fallible.engine, "--plugin", str(hidden / "slow.py"),
        "-r", "levels", "-c", "slow[seconds=0.0]",
    )  # fmt: skip
    assert started.end() == 0, started.words()
    assert len(ok(started)) == 1


def test_workers_under_a_nanny_are_refused(fallible: Cluster, tmp_path: Path) -> None:
    for worker in alive(fallible):
        worker.kill()
        worker.wait()
    if fallible.scheduler is None or fallible.scheduler.poll() is not None:
        fallible.start_scheduler()
    nanny = fallible.start_worker("--nworkers", "1")
    wait_until(lambda: fallible.known() == 1)
    started = slow_run(tmp_path / "run", fallible.engine)
    assert started.end() == 2, started.words()
    assert "start it with --no-nanny --nthreads 1" in started.words()
    nanny.terminate()
    nanny.wait()
