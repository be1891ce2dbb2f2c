from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.pictures.gallery import Gallery
from harness.registry.discovery import Plugins
from harness.running.options import Options
from harness.running.session import working
from harness.running.workers import Workers
from tests.conftest import Silent


def doubled(number: int) -> int:
    return 2 * number


def test_a_start_that_needed_no_process_leaves_those_of_others(
    plugins: Plugins, workers: Workers, tmp_path: Path
) -> None:
    assert list(workers.in_order(doubled, [1])) == [2]
    options = Options(tmp_path / "results", Gallery(tmp_path / "cache"), jobs=1)
    with working(plugins, options, Silent()) as session:
        session.workers.prepare()
    assert list(workers.in_order(doubled, [2, 3])) == [4, 6]


READY = """
import sys
from pathlib import Path
from harness.pictures.gallery import Gallery
from harness.running.options import Options
from harness.running.processes import server_process
from harness.running.session import getting_ready

if __name__ == "__main__":
    folder, engine = sys.argv[1:]
    options = Options(Path("results"), Gallery(Path(folder)), jobs=1, engine=engine)
    with getting_ready(options, default_choices=False):
        print(server_process() is not None)
    print(Path(folder).exists())
"""


@pytest.mark.parametrize(
    ("engine", "read", "begun"), [("local", 0, 1), ("local", 1, 0), ("dask[scheduler=x]", 0, 0)]
)
def test_imports_begin_at_once_where_nothing_was_ever_read(
    tmp_path: Path, engine: str, read: bool, begun: bool
) -> None:
    if read:
        (tmp_path / "readings" / "some").mkdir(parents=True)
    words = [sys.executable, "-c", READY, str(tmp_path / "pictures"), engine]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(bool(begun)), "False"]
