"""A stranger's distribution: built, installed beside the built sightbench, and run from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from harness.scaffolding.files import write_package
from harness.sources.kinds import KINDS

pytest.importorskip("hatchling", reason="building a wheel offline needs hatchling")
pytest.importorskip("pip", reason="installing a wheel needs pip")

PROJECT = Path(__file__).parents[2]
CHECKOUT = (PROJECT / "harness").is_dir()
"""False where these tests run beside an installed wheel: then that wheel is the built one."""


def pip(*arguments: str | Path, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def build_wheel(project: Path, folder: Path) -> None:
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    pip("wheel", *offline, "--wheel-dir", folder, project, cwd=folder)


class Elsewhere:
    """A new environment in a folder outside the checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "env", with_pip=False, symlinks=os.name != "nt")
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = folder / "env" / scripts / "python"
        script = folder / "env" / scripts / "sightbench"
        self.command = [script] if CHECKOUT else [self.python, "-m", "harness"]
        found = subprocess.run(
            [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        # The libraries are those of the tests' own environment: a path file adds their folder,
        # but not what path files there would add, such as a checkout installed for editing.
        site = Path(found.stdout.strip())
        (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")

    def run(self, *arguments: str, status: int = 0) -> str:
        surroundings = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={**surroundings, "COLUMNS": "100", "XDG_CACHE_HOME": str(self.folder / "cache")},
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    folder = tmp_path_factory.mktemp("elsewhere")
    wheels = folder / "wheels"
    wheels.mkdir()
    if CHECKOUT:
        build_wheel(PROJECT, wheels)
    build_wheel(write_package("improvement", "third-filter", folder), wheels)
    place = Elsewhere(folder)
    built = sorted(wheels.glob("*.whl"))
    own = ["sightbench"] if CHECKOUT else []
    names = [wheel.name.partition("-")[0] for wheel in built]
    assert names == [*own, "sightbench_third_filter"]
    offline = ["--no-deps", "--no-index", "--quiet", "--ignore-installed"]
    pip("--python", place.python, "install", *offline, *built, cwd=folder)
    return place


def test_sightbench_is_the_built_one(elsewhere: Elsewhere) -> None:
    where = subprocess.run(
        [elsewhere.python, "-c", "import harness; print(harness.__file__)"],
        cwd=elsewhere.folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    home = elsewhere.folder if CHECKOUT else Path(sysconfig.get_path("purelib"))
    assert Path(where.strip()).is_relative_to(home)
    assert "site-packages" in where


def test_the_distribution_is_listed(elsewhere: Elsewhere) -> None:
    document = json.loads(elsewhere.run("list", "improvements", "--format", "json"))
    found = {each["name"]: each["origin"] for each in document["improvements"]}
    assert found["third-filter"]["distribution"] == "sightbench-third-filter"
    assert found["noise-removed"]["distribution"] == "sightbench"


def test_the_distribution_passes_its_checks(elsewhere: Elsewhere) -> None:
    assert "20 passed, 0 failed, 1 skipped" in elsewhere.run("check", "third-filter")


def test_a_local_file_passes_its_checks(elsewhere: Elsewhere) -> None:
    elsewhere.run("new", "improvement", "local-filter")
    assert "20 passed, 0 failed, 1 skipped" in elsewhere.run("check", "local_filter.py")


def test_new_files_and_the_distribution_run_together(elsewhere: Elsewhere) -> None:
    for kind in KINDS:
        elsewhere.run("new", kind, f"ran-{kind}")
    said = elsewhere.run(
        "run", *(word for kind in KINDS for word in ("--plugin", f"ran_{kind}.py")),
        "-d", "ran-dataset[clips=80]", "-c", "ran-classifier",
        "-r", "ran-representation+ran-improvement", "-r", "spectrogram+third-filter",
        "--folds", "2", "--picture-size", "32", "--jobs", "2", "--format", "json",
    )  # fmt: skip
    cells = json.loads(said)["cells"]
    assert {(cell["representation"], cell["classifier"]) for cell in cells} == {
        ("ran-representation+ran-improvement", "ran-classifier"),
        ("spectrogram+third-filter", "ran-classifier"),
    }
    assert {cell["status"] for cell in cells} == {"ok"}
