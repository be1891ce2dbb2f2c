"""A run on a Dask cluster of processes on loopback: the same results as here, told faults."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from harness.conformance import Subject, checks_of
from harness.errors import ParameterError, SightbenchError
from harness.planning.plan import make_plan
from harness.planning.specs import parse_specs
from harness.registry.discovery import Plugins, load
from harness.running.options import Options
from harness.running.start import open_gallery, run
from harness.testing import BoundCheck
from tests.plugins.engines.conftest import TEST_S, run_shown

pytestmark = pytest.mark.timeout(TEST_S)

TONES = Path(__file__).parents[2] / "samples" / "tones.py"
CHOICES = {
    "dataset": "tones",
    "representations": ["levels", "spectrogram"],
    "classifiers": ["nearest-mean", "pixels-logistic", "majority"],
    "folds": 3,
    "split": "stratified",
}


class Heard:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def stage(self, name, total, before=0):
        pass

    def advance(self, steps=1):
        pass

    def busy(self, cells):
        pass

    def tell(self, line):
        self.lines.append(line)

    def remote(self, cell, done, total, what):
        pass


def compare(folder: Path, engine: str, plugins: Plugins | None = None, **choices: object) -> Heard:
    """Run a comparison into a folder."""
    heard, plugins = Heard(), plugins or load([TONES])
    plan = make_plan({**CHOICES, **choices}, plugins.catalogue.is_improvement)
    options = Options(folder / "results", open_gallery(folder / "cache"), 2, engine=engine)
    _, records = run(plan, plugins, options, heard)
    assert [record.reason for record in records if record.status != "ok"] == []
    return heard


def contents(folder: Path, pattern: str) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob(pattern)}
    assert found
    return found


def pictures(folder: Path) -> dict[str, bytes]:
    """Return the pixels of every picture that is kept, by drawing and clip."""
    gallery = open_gallery(folder / "cache")
    keys = [path.name for path in gallery.folder.iterdir() if path.is_dir()]
    found = {}
    for key in keys:
        for content in gallery.places(key):
            album = gallery.album(key, [content], [content])
            found[f"{key} {content}"] = album.pictures([0]).pixels.tobytes()
    assert found
    return found


def test_predictions_and_pictures_are_those_of_a_local_run(cluster, tmp_path: Path) -> None:
    compare(tmp_path / "here", "local")
    heard = compare(tmp_path / "there", cluster.engine)
    for pattern in ("predictions.csv", "clips.csv"):
        assert contents(tmp_path / "here", pattern) == contents(tmp_path / "there", pattern)
    assert pictures(tmp_path / "here") == pictures(tmp_path / "there")
    assert heard.lines[0].startswith("3 Dask workers on 1 machine; ")


@pytest.mark.parametrize("check", checks_of("engine"), ids=lambda check: check.name)
def test_contract(cluster, check) -> None:
    (spec,) = parse_specs(cluster.engine)
    plugin = load().catalogue.build("engine", spec)
    BoundCheck(check, Subject(plugin))()


LOCAL = [each for each in checks_of("engine") if each.name != "checks-its-parameters"]
"""It has none."""


@pytest.mark.parametrize("check", LOCAL, ids=lambda check: check.name)
def test_contract_of_this_machine(check) -> None:
    (spec,) = parse_specs("local")
    BoundCheck(check, Subject(load().catalogue.build("engine", spec)))()


def test_the_commands_of_the_page_run(
    cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEDULER", cluster.address)
    found = run_shown(tmp_path, lambda line: "PARTITION" not in line)
    assert found == 3


def test_a_cluster_is_named_once() -> None:
    catalogue = load().catalogue
    for text in ("dask[scheduler='tcp://a:1',slurm=long]", "dask[scheduler='tcp://a:1',workers=2]"):
        with pytest.raises(ParameterError):
            catalogue.build("engine", parse_specs(text)[0])


def test_a_scheduler_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SightbenchError, match="no Dask scheduler at tcp"):
        compare(tmp_path, "dask[scheduler=tcp://127.0.0.1:9]")
    with pytest.raises(SightbenchError, match="has no machines: say which"):
        compare(tmp_path, "dask")
    with pytest.raises(SightbenchError, match="a run has one engine"):
        compare(tmp_path, "dask[workers=1,2]")


HANDLER = """
import signal
from plugins.engines.dask.clusters import slurm_cluster
slurm_cluster()
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


def test_jobs_of_slurm_leave_ctrl_c_to_the_run() -> None:
    pytest.importorskip("dask_jobqueue", reason="a Dask cluster needs the extra dask")
    done = subprocess.run(
        [sys.executable, "-c", HANDLER], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True"]


SEARCH = (
    "search", "-d", "upcalls[clips=80]", "-r", "spectrogram", "-c", "pixels-logistic",
    "--folds", "3", "--cells", "8", "--format", "json",
)  # fmt: skip


def test_a_search_goes_to_the_workers_and_finds_the_same(cluster, tmp_path: Path) -> None:
    found = []
    for name, engine in (("here", "local"), ("there", cluster.engine)):
        folder = tmp_path / name
        folder.mkdir()
        words = [*SEARCH, "--engine", engine, "--results", "results", "--cache", "cache"]
        done = subprocess.run(
            [sys.executable, "-m", "harness", *words],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
        hosts = {json.loads(path.read_text())["host"] for path in folder.rglob("record.json")}
        assert hosts == {"" if name == "here" else platform.node()}
    assert found[0] == found[1]
