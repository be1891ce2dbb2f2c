"""A cell gets what it asks for of this machine, or is skipped with a reason."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from harness.errors import PlanError, PluginError
from harness.measuring.environment import graphics_processors, memory_bytes
from harness.planning.plan import make_plan
from harness.registry.discovery import load
from harness.results.record import Record
from harness.results.store import Run
from harness.running.needs import needs_of
from harness.running.options import Options
from harness.running.processes import Processes
from harness.running.start import open_gallery, run
from harness.running.workers import open_workers
from harness.values import Missing, Resources
from tests.conftest import TONES, Silent

HUNGRY = Path(__file__).parents[2] / "samples" / "hungry.py"


def hungry(
    folder: Path, *classifiers: str, resources: tuple[str, ...] = (), engine: str = "local"
) -> tuple[Run, list[Record], Silent]:
    """Run classifiers that ask for more than others; on two processes."""
    plugins, heard = load([TONES, HUNGRY]), Silent()
    choices = {
        "dataset": "tones", "representations": ["levels"], "classifiers": list(classifiers),
        "folds": 0, "split": "stratified",
    }  # fmt: skip
    plan = make_plan(choices, plugins.catalogue.is_improvement)
    gallery = open_gallery(folder / "cache")
    options = Options(folder / "results", gallery, 2, resources=resources, engine=engine)
    return *run(plan, plugins, options, heard), heard


def threads(made: Run, record: Record) -> int:
    """Read off a cell's predictions how many threads it had."""
    table = made.predictions(record.cell)
    assert table is not None
    return round(100 * (float(table.predictions.scores.max()) - 0.5))


def test_a_cell_has_the_threads_that_it_asks_for(tmp_path: Path) -> None:
    made, records, _ = hungry(tmp_path, "hungry", "hungry[cores=2]")
    assert {record.resources for record in records} == {Resources(1), Resources(2)}
    assert all(record.resources is not None for record in records)
    assert [threads(made, r) for r in records] == [r.resources.cores for r in records]  # type: ignore[union-attr]
    assert made.record(records[0].cell) == records[0]


def test_threads_are_not_a_matter_of_the_machine_or_of_who_runs_it(tmp_path: Path) -> None:
    made, (record,), heard = hungry(tmp_path / "many", "hungry[cores=3]")
    assert threads(made, record) == 3
    assert record.resources == Resources(2)
    assert any("asks for 3 cores and gets 2" in line for line in heard.lines)
    asked = ("hungry[cores=2]",)
    made, (record,), _ = hungry(tmp_path / "one", "hungry[cores=1]", resources=asked)
    assert threads(made, record) == 1
    assert record.resources == Resources(2)


def test_a_cell_that_no_machine_can_run_is_skipped_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    large = "hungry[memory=1000000000000000]"
    _, records, _ = hungry(tmp_path, "hungry", large, "hungry[gpus=1]", "hungry[gpus=2]")
    found = {str(r.cell.classifier): (r.status, r.reason) for r in records}
    assert found["hungry"] == ("ok", "")
    assert found[large][0] == "skipped"
    assert "hungry needs 1e+06 GB of memory, and this machine has 2 cores" in found[large][1]
    assert found["hungry[gpus=1]"][1].startswith("hungry needs 1 GPU, and this machine has")
    assert "needs 2 GPUs" in found["hungry[gpus=2]"][1]
    _, (again, *_), _ = hungry(tmp_path, "hungry[gpus=1]", resources=("hungry[gpus=0]",))
    assert again.status == "ok"


def test_what_is_asked_for_in_vain_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="no classifier of this run is called cnn; there are hun"):
        hungry(tmp_path, "hungry", resources=("cnn[cores=2]",))
    assert not (tmp_path / "results").exists()


def test_what_is_no_resources_is_refused() -> None:
    (classifier,) = (load([HUNGRY]).catalogue.find("classifier", "hungry")(),)
    odd = type("Odd", (type(classifier),), {"__doc__": "Odd.", "resources": lambda self: 3})()
    with pytest.raises(PluginError, match=r"return harness\.Resources"):
        needs_of(odd, {})
    with pytest.raises(ValueError, match=r"Resources\.cores is a whole number from 1"):
        Resources(0)


def stay(path: str) -> tuple[float, float]:
    """Stay for a moment, and say from when to when."""
    begun = time.monotonic()
    time.sleep(0.15)
    return begun, time.monotonic()


def test_what_takes_two_places_is_alone_on_two(tmp_path: Path) -> None:
    needs = [Resources(cores) for cores in (1, 2, 1, 1, 2, 1)]
    with open_workers(2) as workers:
        tasks = list(range(len(needs)))
        found = dict(workers.each(stay, tasks, needs=lambda number: needs[number]))  # type: ignore[arg-type]
    for number, (begun, ended) in found.items():  # type: ignore[misc]
        beside = [
            other
            for other, (first, last) in found.items()  # type: ignore[misc]
            if other != number and first < ended and begun < last
        ]
        assert needs[number].cores == 1 or not beside


def test_this_machine_is_offered_as_it_is() -> None:
    crew = Processes(2, "")
    assert crew.offer(Resources(2)) == Resources(2)
    assert crew.offer(Resources(5)) == Resources(2)
    assert isinstance(crew.offer(Resources(1, 2**62)), Missing)
    assert 0 < memory_bytes() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(("named", "count"), [("", 0), ("-1", 0), ("0", 1), ("0,2", 2)])
def test_gpus_are_those_that_are_visible(
    named: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert graphics_processors() == count
