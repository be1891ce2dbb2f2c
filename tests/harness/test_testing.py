"""The pytest side of the checks, in a test session of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.scaffolding.files import write_file
from harness.testing import conformance

TESTS = """
import pytest
from harness.testing import BoundCheck, conformance
from my_filter import MyFilter

pytest_plugins = ["harness.testing"]

@conformance(MyFilter(), expected_failures={expected})
def test_contract(conformance_check: BoundCheck) -> None:
    conformance_check()

def test_fixtures(assorted_signals, tone_signal, chirp_signal, example_raster, easy_pictures):
    assert len(assorted_signals) == len(example_raster) == 7
    assert tone_signal.samples.shape == chirp_signal.samples.shape
    assert len(easy_pictures[0]) == len(easy_pictures[1])
"""


def session(folder: Path, expected: dict[str, str], old: str = "", new: str = "") -> str:
    path = write_file("improvement", "my-filter", folder)
    path.write_text(path.read_text().replace(old, new) if old else path.read_text())
    (folder / "test_my_filter.py").write_text(TESTS.replace("{expected}", repr(expected)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--rootdir", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder), "PATH": ""},
    )
    return done.stdout + done.stderr


def test_a_sound_plugin_passes(tmp_path: Path) -> None:
    said = session(tmp_path, {})
    assert "21 passed, 1 skipped" in said
    assert "PASSED test_my_filter.py::test_contract[my-filter-one-clip-only]" in said
    assert "no stored output to compare with" in said


def test_a_failure_says_why_and_what_to_do(tmp_path: Path) -> None:
    said = session(tmp_path, {}, "Raster(values,", "Raster(values - values.max(axis=0),")
    assert "FAILED test_my_filter.py::test_contract[my-filter-one-clip-only]" in said
    assert "A clip comes out otherwise when its neighbours change." in said
    assert "What to do: Compute every clip from itself alone" in said


def test_expected_failures_pass_and_stale_ones_fail(tmp_path: Path) -> None:
    expected = {"channels": "made for one channel", "silence": "not so any more"}
    row_limit = "        assert len(raster.rows) < 200\n        floor ="
    said = session(tmp_path, expected, "        floor =", row_limit)
    assert "XFAIL test_my_filter.py::test_contract[my-filter-channels] - made for one" in said
    assert "FAILED test_my_filter.py::test_contract[my-filter-silence]" in said
    assert "[XPASS(strict)] not so any more" in said


def test_an_expected_failure_must_name_a_check_and_a_reason() -> None:
    from plugins.improvements.frequency_cropped import FrequencyCropped

    with pytest.raises(ValueError, match="No check is called 'silense'"):
        conformance(FrequencyCropped(), expected_failures={"silense": "why not"})
    with pytest.raises(ValueError, match="Give the reason"):
        conformance(FrequencyCropped(), expected_failures={"silence": ""})
