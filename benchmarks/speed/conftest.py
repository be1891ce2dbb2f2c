"""What all measurements share: clips on disk, and the table that they end in."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import pytest

from benchmarks.speed import chains

REFERENCE = "the blog's code"
TABLE = Path(__file__).parents[2] / "docs" / "speed.md"
LIBRARIES = (
    "numpy", "scipy", "librosa", "matplotlib", "opencv-python-headless", "pillow", "simplejpeg",
)  # fmt: skip
LIMIT = "the limit: read, FFT, encode"
STEPS = {
    "spectrogram": ("decode", "spectrogram", "drawing", "encoding"),
    "mel+noise-removed+frequency-cropped": (
        "decode", "mel", "noise-removed[method=median]", "frequency-cropped", "drawing", "encoding",
    ),
}  # fmt: skip
"""The parts that a chain is made of."""
HEAD = """\
# How fast it draws

Written by `tox -e speed`; figures are the least time of several rounds, per clip of 2 s at 2 kHz,
from AIFF files in the page cache to JPEG bytes in memory, 224 x 224 pixels in RGB of the blog's
own quality (75). `blog-plot` is the blog's picture itself, 640 x 480. Ratios compare figures of
one run; two workers are compared with the blog's code on one core.

{machine}
"""


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Measure one core: threads of libraries would take the other."""
    import matplotlib

    matplotlib.use("Agg")
    chains.pinned()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold 512 clips of 2 s at 2 kHz."""
    made = tmp_path_factory.mktemp("clips")
    chains.write_clips(made, 512)
    return made


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the ratios and write the table."""
    measured = getattr(config, "_benchmarksession", None)
    rows = [each for each in measured.benchmarks if each.stats] if measured else []
    if not rows:
        return
    text = "\n".join(
        [HEAD.format(machine=_machine()), *_chains(rows), "", *_parts(rows), *_steps(rows), ""]
    )
    TABLE.write_text(text, encoding="utf-8")
    terminalreporter.write_line(text)


def _machine() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    cores = os.cpu_count()
    return f"{cores} cores, {platform.system()}, Python {platform.python_version()}; {versions}."


def _per_clip(row: Any) -> float:
    """Return the least time of a clip (s)."""
    return float(row.stats.min) / int(row.extra_info["clips"])


def _chains(rows: list[Any]) -> list[str]:
    """Compare whole chains with the blog's."""
    chosen = [row for row in rows if row.group == "chains"]
    blogs = [_per_clip(row) for row in chosen if row.extra_info["what"] == REFERENCE]
    lines = [
        "## Files to JPEG",
        "",
        "| chain | workers | clip, µs | to the blog's code |",
        "|---|---:|---:|---:|",
    ]
    for row in chosen:
        ratio = f"{blogs[0] / _per_clip(row):.0f}×" if blogs else ""
        what, workers = row.extra_info["what"], row.extra_info["workers"]
        lines.append(f"| {what} | {workers} | {_per_clip(row) * 1e6:,.0f} | {ratio} |")
    return lines


def _parts(rows: list[Any]) -> list[str]:
    """Put each part beside the library that does the same."""
    lines = ["## Parts", "", "| part | ours, µs | library | its own, µs |", "|---|---:|---|---:|"]
    chosen = [row for row in rows if row.group != "chains"]
    times = {(row.group, row.extra_info["by"]): _per_clip(row) * 1e6 for row in chosen}
    for (part, by), own in times.items():
        if by != "ours" and (part, "ours") in times:
            lines.append(f"| {part} | {times[part, 'ours']:,.1f} | {by} | {own:,.1f} |")
    alone = [part for part, by in times if by == "ours" and _lonely(part, times)]
    lines += [f"| {part} | {times[part, 'ours']:,.1f} | | |" for part in alone]
    return lines


def _steps(rows: list[Any]) -> list[str]:
    """Say how far a chain is from the limit, and where its time goes."""
    parts = {row.group: _per_clip(row) * 1e6 for row in rows if row.extra_info.get("by") == "ours"}
    whole = {
        row.extra_info["what"]: _per_clip(row) * 1e6
        for row in rows
        if row.group == "chains" and row.extra_info["workers"] == 1
    }
    if not parts or LIMIT not in whole:
        return []
    lines = ["", "## Where the time of one core goes", ""]
    for chain, steps in STEPS.items():
        known = [f"{step} {parts[step]:,.0f}" for step in steps]
        rest = whole[chain] - sum(parts[step] for step in steps)
        lines.append(
            f"- `{chain}`: {whole[chain]:,.0f} µs, {whole[chain] / whole[LIMIT]:.1f} times the "
            f"limit. Its parts, measured alone: {', '.join(known)}; between them {rest:,.0f}."
        )
    return lines


def _lonely(part: str, times: dict[tuple[str, str], float]) -> bool:
    return all(by == "ours" for other, by in times if other == part)
