"""Two machines, each a network namespace with a name of its own; a link is cut for 20 s."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.engines.conftest import TEST_S, Cluster, wait_until
from tests.plugins.engines.test_dask_faults import CELLS, begun, ok, slow_run, stranger

pytestmark = pytest.mark.timeout(TEST_S)

BRIDGE, NETWORK = "sightbench", "10.213.77"
CUT_S = 20.0


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def named(number: int) -> str:
    return f"sb-lab-{number}"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Cluster]:
    """Give a cluster of two machines on a bridge; their links are called as the machines."""
    pytest.importorskip("dask_jobqueue", reason="a Dask cluster needs the extra dask")
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("network namespaces take root and iproute2")
    (tmp_path / "cluster").mkdir()
    cluster = Cluster(tmp_path / "cluster", 28786, f"{NETWORK}.1")
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("addr", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        cluster.start_scheduler()
        for number in (1, 2):
            join(cluster, number, tmp_path)
        wait_until(lambda: cluster.known() == 2)
        yield cluster
    finally:
        cluster.end()
        for number in (1, 2):
            subprocess.run(["ip", "netns", "delete", named(number)], capture_output=True)
        subprocess.run(["ip", "link", "delete", BRIDGE], capture_output=True)


def join(cluster: Cluster, number: int, folder: Path) -> None:
    """Make a machine, and let its worker join."""
    name = named(number)
    ip("netns", "add", name)
    ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
    ip("link", "set", name, "master", BRIDGE, "up")
    ip("-n", name, "link", "set", "lo", "up")
    ip("-n", name, "addr", "add", f"{NETWORK}.{number + 1}/24", "dev", "eth0")
    ip("-n", name, "link", "set", "eth0", "up")
    rename = f'hostname {name} && exec "$@"'
    stranger(
        cluster, folder / name,
        "ip", "netns", "exec", name, "unshare", "--uts", "sh", "-c", rename, "sh",
    )  # fmt: skip


def test_a_link_that_is_cut_costs_time_and_no_cell(lab: Cluster, tmp_path: Path) -> None:
    started = slow_run(tmp_path / "run", lab.engine, 3.0)
    begun(started)
    ip("link", "set", named(1), "down")
    time.sleep(CUT_S)
    ip("link", "set", named(1), "up")
    assert started.end() == 0, started.words()
    assert len(ok(started)) == len(started.records()) == CELLS
    hosts = {record["host"] for record in started.records().values()}
    assert hosts == {named(1), named(2)}
    assert "2 Dask workers on 2 machines" in started.words()
