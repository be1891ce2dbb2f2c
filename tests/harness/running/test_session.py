from __future__ import annotations

from pathlib import Path

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
