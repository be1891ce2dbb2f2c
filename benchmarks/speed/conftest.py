"""What all measurements share: clips on disk, the blog's code beside ours, a table at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.speed import chains, table

CLIPS = 2048
ROUNDS = 9
SPEED = Path(__file__).parents[2] / "docs" / "speed.md"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Measure one core: threads of libraries would take the other."""
    import matplotlib

    matplotlib.use("Agg")
    chains.pinned()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold clips of 2 s at 2 kHz, half of them with a call."""
    made = tmp_path_factory.mktemp("clips")
    chains.write_clips(made, CLIPS)
    return made


@pytest.fixture(scope="session")
def paths(folder: Path) -> list[Path]:
    """List the clips, those with a call and those without in turn."""
    return sorted(folder.glob("*/*.aiff"), key=lambda path: int(path.stem))


@pytest.fixture
def beside_the_blog(benchmark: Any, paths: list[Path]) -> Callable[..., Any]:
    """Measure a chain, and the blog's code just before each of its rounds.

    The machine's speed drifts; the ratio of two neighbours in time hardly does.
    """

    def measure(work: Callable[..., Any], *args: Any, what: str, clips: int, workers: int) -> Any:
        benchmark.group = table.CHAINS
        benchmark.extra_info.update(what=what, clips=clips, workers=workers)
        blog: list[float] = []
        result = benchmark.pedantic(
            work,
            setup=lambda: blog.append(chains.blogs_time(paths[:8])) or (args, {}),
            rounds=ROUNDS,
            warmup_rounds=1,
        )
        if benchmark.stats:
            ours = benchmark.stats.stats.data
            benchmark.extra_info.update(blog_s=blog[-len(ours) :], ours_s=list(ours))
        return result

    return measure


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the figures and, where all were measured, write them down."""
    measured = getattr(config, "_benchmarksession", None)
    rows = [each for each in measured.benchmarks if each.stats] if measured else []
    if not rows:
        return
    text = table.page(rows)
    terminalreporter.write_line(text)
    if {row.group for row in rows} >= {table.CHAINS, table.WHOLE, table.MEMORY}:
        SPEED.write_text(text, encoding="utf-8")
