"""What cells need is looked for among what workers announce, and asked of SLURM."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import SightbenchError
from harness.values import Resources
from plugins.engines.dask.announced import announced_by, suited
from plugins.engines.dask.clusters import _of_each_job
from tests.harness.running.test_needs import hungry, threads
from tests.plugins.engines.conftest import Cluster

SOME = st.builds(Resources, st.integers(1, 4), st.integers(0, 4), st.integers(0, 2))


def test_what_a_worker_announces_is_read() -> None:
    about = {"memory_limit": 100, "resources": {"GPU": 2.0, "cores": 4.0, "magic": 1.0}}
    found = announced_by(about)
    assert found.has == Resources(4, 100, 2)
    assert found.asked(Resources()) is None
    assert found.asked(Resources(6, 50, 1)) == {"cores": 4.0, "GPU": 1.0}
    assert announced_by({"resources": {"cores": "many", "gpus": -1}}).has == Resources()
    assert announced_by({"memory_limit": 9, "resources": {"MEMORY": 5e9}}).has.memory == 5 * 10**9


@given(SOME, st.lists(SOME, max_size=5))
def test_a_task_goes_where_it_gets_most(needs: Resources, there: list[Resources]) -> None:
    found = suited(needs, there)
    fit = [has for has in there if not needs.lacking_in(has)]
    assert bool(found) == bool(fit)
    best = min(needs.cores, max((has.cores for has in fit), default=0))
    for number, has in enumerate(there):
        assert (number in found) == (has in fit and has.cores >= best)


def test_slurm_is_asked_for_what_tasks_need() -> None:
    assert _of_each_job(Resources(), "4GB") == {"cores": 1, "memory": "4000000000B"}
    asked = _of_each_job(Resources(2, 8 * 10**9, 1), "4GB")
    assert asked["memory"] == "8000000000B"
    assert asked["job_cpu"] == 2
    assert asked["job_extra_directives"] == ["--gres=gpu:1"]
    assert asked["worker_extra_args"] == ["--resources", "cores=2,memory=8000000000,gpus=1"]
    with pytest.raises(SightbenchError, match="'plenty' is no amount"):
        _of_each_job(Resources(), "plenty")


def test_cells_go_to_workers_that_announce_what_they_need(
    own_cluster: Callable[[int], AbstractContextManager[Cluster]], tmp_path: Path
) -> None:
    with own_cluster(1) as cluster:
        cluster.start_worker("--no-nanny", "--resources", "cores=2 GPU=1 memory=3e9")
        wanted = ["hungry", "hungry[cores=2,gpus=1]", "hungry[cores=3]", "hungry[gpus=2]"]
        made, records, heard = hungry(tmp_path, *wanted, engine=cluster.engine)
    found = {str(record.cell.classifier): record for record in records}
    special = found["hungry[cores=2,gpus=1]"]
    assert special.resources == Resources(2, 0, 1)
    assert threads(made, special) == 2
    assert found["hungry"].resources == Resources()
    assert found["hungry[cores=3]"].resources == Resources(2)
    assert threads(made, found["hungry[cores=3]"]) == 3
    assert "asks for 3 cores and gets 2" in " ".join(heard.lines)
    lacking = found["hungry[gpus=2]"]
    assert lacking.status == "skipped"
    assert "needs 2 GPUs, which no Dask worker has announced: start one" in lacking.reason
    assert '--resources "cores=1 gpus=2"' in lacking.reason
