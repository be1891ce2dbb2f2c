"""The notebook and the Python of the documentation run, block after block."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.samples.recordings import write_recordings

DOCS = Path(__file__).parents[2] / "docs"
NOTEBOOK = DOCS / "notebook.ipynb"
PAGES = (DOCS / "python.md", DOCS / "other-tools.md")


def run(script: str, folder: Path) -> str:
    """Run Python as a notebook does: its module has no file."""
    surroundings = {**os.environ, "SIGHTBENCH_CACHE": str(folder / "cache"), "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder, env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    """Commands are run between the blocks, each in its place."""
    write_recordings(tmp_path)
    text = page.read_text(encoding="utf-8")
    steps = ["import shlex, subprocess, sys"]
    for kind, block in re.findall(r"^```(python|console)\n(.*?)^```", text, flags=re.M | re.S):
        if kind == "python":
            steps.append(block)
            continue
        for line in block.splitlines():
            words = f"shlex.split({line.removeprefix('$ sightbench ')!r})"
            command = f"[sys.executable, '-m', 'harness', *{words}]"
            steps.append(f"subprocess.run({command}, check=True)")
    assert len(steps) > 3
    run("\n".join(steps), tmp_path)


@pytest.mark.timeout(600)
def test_the_notebook_runs(tmp_path: Path) -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert len(code) == 5
    shown = [f"{each}\nprint(found._repr_html_())" for each in code[:1]]
    out = run("\n".join([*shown, *code[1:], "print(mine)"]), tmp_path)
    assert "<b>chosen</b>" in out
    assert "2 of 2 cells" in out


def test_the_notebook_is_kept_without_outputs() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
