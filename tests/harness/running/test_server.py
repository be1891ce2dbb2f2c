"""Workers' imports begin before anything slow is imported here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

READY = """
import sys
from pathlib import Path
from harness.running.server import getting_ready, server_process

if __name__ == "__main__":
    folder, engine = sys.argv[1:]
    with getting_ready(Path(folder), engine, default_choices=False):
        print(server_process() is not None, "numpy" in sys.modules)
    print([each.name for each in Path(folder).iterdir() if each.name != "readings"])
"""


@pytest.mark.parametrize(
    ("engine", "read", "begun"), [("local", 0, 1), ("local", 1, 0), ("dask[scheduler=x]", 0, 0)]
)
def test_imports_begin_at_once_where_nothing_was_ever_read(
    tmp_path: Path, engine: str, read: bool, begun: bool
) -> None:
    if read:
        (tmp_path / "readings" / "some").mkdir(parents=True)
    words = [sys.executable, "-c", READY, str(tmp_path), engine]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(bool(begun)), "False", "[]"]


def test_nothing_of_the_current_folder_is_run(tmp_path: Path) -> None:
    script, here = tmp_path / "ready.py", tmp_path / "here"
    script.write_text(READY)
    here.mkdir()
    for name in ("multiprocessing", "numpy", "harness"):
        (here / f"{name}.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w').close()")
    words = [sys.executable, str(script), str(tmp_path / "cache"), "local"]
    (tmp_path / "cache").mkdir()
    done = subprocess.run(words, cwd=here, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "[]"]
    assert not (tmp_path / "run").exists()
