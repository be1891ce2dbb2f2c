"""A run in jobs of a real SLURM of one node, started here; one job is cancelled in the middle."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.engines.conftest import TEST_S, run_shown, wait_until
from tests.plugins.engines.test_dask_faults import CELLS, begun, ok, slow_run

pytestmark = pytest.mark.timeout(TEST_S)

CONFIGURATION = """
ClusterName=tried
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort={controller}
SlurmdPort={node}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={megabytes} State=UNKNOWN
PartitionName=short Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def megabytes() -> int:
    """Return most of this machine's memory, as SLURM counts it."""
    return int(0.9 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20)


@pytest.fixture
def slurm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Start munge, a controller and a node, each a process of our own; give their folder."""
    pytest.importorskip("dask_jobqueue", reason="SLURM's jobs need the extra dask")
    if os.geteuid() != 0 or not all(map(shutil.which, ("munged", "slurmctld", "slurmd"))):
        pytest.skip("a SLURM of one node takes root and Debian's slurm-wlm and munge")
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
    folder.chmod(0o755)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(1024))
    key.chmod(0o400)
    configuration = folder / "slurm.conf"
    configuration.write_text(
        CONFIGURATION.format(
            host=socket.gethostname().partition(".")[0], folder=folder, cores=os.cpu_count(),
            controller=free_port(), node=free_port(), megabytes=megabytes(),
        )
    )  # fmt: skip
    monkeypatch.setenv("SLURM_CONF", str(configuration))
    munge = ["munged", "--foreground", "--force", f"--socket={folder}/munge.socket"]
    munge += [f"--key-file={key}", f"--pid-file={folder}/munged.pid"]
    munge += [f"--log-file={folder}/munged.log", f"--seed-file={folder}/munged.seed"]
    started = []
    try:
        with (folder / "said.txt").open("wb") as said:
            for command in (munge, ["slurmctld", "-D"], ["slurmd", "-D"]):
                started.append(subprocess.Popen(command, stdout=said, stderr=said))
                wait_until((folder / "munge.socket").exists)
        wait_until(lambda: "idle" in asked("sinfo", "--noheader", "--format=%t"))
        yield folder
    finally:
        asked("scancel", "--user=root")
        wait_until(lambda: not jobs("RUNNING,COMPLETING"))
        for each in reversed(started):
            each.terminate()
            each.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def asked(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def jobs(states: str = "RUNNING") -> list[str]:
    return asked("squeue", "--noheader", "--format=%i", f"--states={states}").split()


def test_a_cancelled_job_costs_time_and_no_cell(slurm: Path, tmp_path: Path) -> None:
    engine = "dask[slurm=short,workers=2,memory=2GB,walltime='00:10:00',interface=lo,wait=120]"
    started = slow_run(tmp_path / "run", engine, 2.0)
    begun(started)
    first, *_ = jobs()
    asked("scancel", first)
    assert started.end() == 0, started.words()
    assert len(ok(started)) == len(started.records()) == CELLS
    assert "is gone; what it was at is done elsewhere." in started.words()
    wait_until(lambda: not jobs())


def test_jobs_have_what_cells_need(slurm: Path, tmp_path: Path) -> None:
    engine = "dask[slurm=short,workers=1,memory=1GB,walltime='00:10:00',interface=lo,wait=120]"
    started = slow_run(
        tmp_path / "run", engine, 2.0, "--resources", "slow[cores=2,memory=2GB]", "--seeds", "1"
    )
    begun(started, 0)
    (job,) = jobs()
    shown = asked("scontrol", "show", "job", job)
    assert "CPUs/Task=2" in shown
    assert "MinMemoryNode=2G" in shown or "MinMemoryNode=19" in shown, shown
    assert started.end() == 0, started.words()
    (record,) = started.records().values()
    assert record["resources"] == {"cores": 2, "memory": 2 * 10**9, "gpus": 0}


def test_the_command_of_the_page_runs(
    slurm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTITION", "short")
    monkeypatch.setenv("INTERFACE", "lo")
    assert run_shown(tmp_path, lambda line: "PARTITION" in line) == 1
