"""Measurements as one page of tables: `docs/speed.md`."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from statistics import median, quantiles
from typing import Any

CHAINS, WHOLE, MEMORY, RUN = "chains", "whole", "memory", "run"
NETWORKS, TRAINING, GROWTH = "networks", "training", "growth"
LIMIT = "the limit: read, FFT, encode"
LIBRARIES = (
    "numpy", "scipy", "librosa", "matplotlib", "opencv-python-headless", "pillow", "simplejpeg",
)  # fmt: skip
STEPS = {
    "spectrogram": ("decode", "spectrogram", "drawing", "encoding"),
    "mel+noise-removed+frequency-cropped": (
        "decode", "mel", "noise-removed[method=median]", "frequency-cropped", "drawing", "encoding",
    ),
}  # fmt: skip
"""The parts that a chain is made of."""
HEAD = """\
# How fast it is

Written by `tox -e speed`. Clips are of 2 s at 2 kHz; times are medians of several rounds.
"""
CHAINS_HEAD = """\
## From files to JPEG

From AIFF files in the page cache to JPEG bytes in memory, 224 x 224 pixels in RGB of the blog's own
quality (75); `blog-plot` is the blog's picture itself, 640 x 480. Each round runs beside one of
the blog's code, on one core; the ratio is the median over these pairs, with its quartiles.

| chain | workers | clip, µs | to the blog's code | quartiles |
|---|---:|---:|---:|---:|"""
RUN_HEAD = """\
## A whole run

The whole command, from files to the table, with one picture a clip and one control: `sightbench run
-d "labelled-folder[path=CLIPS]" -r spectrogram -c majority --folds 0`, nothing read or drawn
before. Start and end of the processes are in it, and the pictures on disk. The blog's code, on one
core, runs before each.

| clips | workers | whole run, s | clip, µs | to the blog's code | quartiles |
|---:|---:|---:|---:|---:|---:|"""
PARTS_HEAD = """\
## Parts

Each beside the library that does the same, for one clip in a block.

| part | ours, µs | library | its own, µs |
|---|---:|---|---:|"""
NETWORKS_HEAD = """\
## A pretrained network

`transfer` beside the bare network, EfficientNet-Lite0 at 128 x 128 pixels on one thread, in
milliseconds of the processor. Each round runs beside one of the network alone; the ratio is the
median over these pairs, with its quartiles.

| engine | picture, pixels | ours, ms | the network alone, ms | ratio | quartiles |
|---|---:|---:|---:|---:|---:|"""
BY_HAND = """\
By hand, in November 2026: 8,020 recordings of whales (`right-whale`), on two cores, beside the
blog's code (60 to 70 ms a clip): medians over eight pairs, over two of the version before:

| workers | before, s | now, s | before | now | quartiles |
|---:|---:|---:|---:|---:|---:|
| 1 | 7.8 | 2.5 | 72× | 207× | 197–212 |
| 2 | 5.9 | 1.85 | 106× | 279× | 278–281 |

Where 1.85 s with two workers go: 0.5 until the first has work (command line, plugins and the list
of clips in one process, what workers import in another), 1.1 in them, 0.25 afterwards (sides,
documents, the cell, the table). Of a clip's 0.18 ms in a worker the Fourier transform and what
surrounds it take 0.06, its cells 0.02, packing them 0.03, reading 0.02, the hash of the samples
0.02, what it holds 0.01, the file 0.01. Pixels are made when somebody looks, in 0.05 ms a picture.

The default run, nothing cached, two workers, ten pairs in turn: 18.7 to 28.8 s before (median
20.9), 8.9 to 11.6 s now (9.7), 0.40 to 0.51 times (0.45); 38 and 18 s of the processors. Two
thirds of it is what classifiers learn.

More clips; the seconds are those of all processors. `before`: the same command before clips were
held in columns; these were measured before spectra took less, the million when a clip took 0.58 ms
at 200,000. The clips are white noise, which is the hardest to press: 20.9 kB a picture, where those
with calls in noise above take 15.5 and the recordings of whales 13.5.

| clips | a clip, ms of the processors | peak, MB | before, MB |
|---:|---:|---:|---:|
| 2,000 | 1.09 | 204 | |
| 20,000 | 0.52 | 231 | 420 |
| 200,000 | 0.42 | 442 | |
| 1,000,000 | 0.60 | 1,233 | |

The start takes about 1.4 s of the processors, which is what 2,000 clips show. At a million the peak
is at the end: 805 MB while clips are listed, 713 when all are drawn, 1,122 while they are put on
their sides, 1,233 in the cell."""
"""What takes too long to be measured each time; the next page must not lose it."""
STEPS_HEAD = """\
## Where the time of one core goes
"""
TRAINING_HEAD = """\
## Training

From the features of clips to a classifier that has learnt, on one core.

| classifier | clips | one training, s of the processor |
|---|---:|---:|"""
GROWTH_HEAD = """\
## Whole runs, as clips become more

From files to the table with one picture a clip and one control: `sightbench run -d
"labelled-folder[path=CLIPS]" -r spectrogram -c majority --folds 0` on {workers} workers, nothing
drawn before. Memory is the peak of all processes together; disk is what a picture takes.

| clips | whole run, s | a clip, ms | peak, MB | a picture, kB |
|---:|---:|---:|---:|---:|"""
MEMORY_HEAD = """\
## Memory

The peak of all processes of a run together; what they share counts once.

| run | clips | peak, MB |
|---|---:|---:|"""


def page(rows: Sequence[Any]) -> str:
    """Put what was measured into words and tables."""
    sections = [
        [HEAD, _machine()],
        _chains([row for row in rows if row.group == CHAINS]),
        _whole([row for row in rows if row.group == WHOLE]),
        _runs([row for row in rows if row.group == RUN]),
        _growth([row for row in rows if row.group == GROWTH]),
        _training([row for row in rows if row.group == TRAINING]),
        _memory([row for row in rows if row.group == MEMORY]),
        _networks([row for row in rows if row.group == NETWORKS]),
        _parts(_times(rows)),
        _steps(rows),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _machine() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    cores = os.cpu_count()
    return f"{cores} cores, {platform.system()}, Python {platform.python_version()}; {versions}."


def _per_clip(row: Any) -> float:
    """Return the median time of a clip (µs)."""
    return float(row.stats.median) / int(row.extra_info["clips"]) * 1e6


def _chains(rows: Sequence[Any]) -> list[str]:
    if not rows:
        return []
    blog = median(seconds for row in rows for seconds in row.extra_info["blog_s"]) * 1e6
    return [CHAINS_HEAD, f"| the blog's code | 1 | {blog:,.0f} | 1× | |", *map(_chain, rows)]


def _chain(row: Any) -> str:
    info = row.extra_info
    return f"| {info['what']} | {info['workers']} | {_per_clip(row):,.0f} | {_ratio(info)} |"


def _ratio(info: Any) -> str:
    """Say how many times the blog's code takes as long, over pairs, and the quartiles."""
    pairs = zip(info["blog_s"], info["ours_s"], strict=True)
    ratios = [blog * info["clips"] / ours for blog, ours in pairs]
    low, middle, high = quantiles(ratios, n=4)
    return f"{middle:.0f}× | {low:.0f}–{high:.0f}"


def _runs(rows: Sequence[Any]) -> list[str]:
    return [RUN_HEAD, *map(_run, rows)] if rows else []


def _run(row: Any) -> str:
    info, seconds = row.extra_info, float(row.stats.median)
    return (
        f"| {info['clips']:,} | {info['workers']} | {seconds:.1f} | {_per_clip(row):,.0f} | "
        f"{_ratio(info)} |"
    )


def _whole(rows: Iterable[Any]) -> list[str]:
    lines = []
    for row in rows:
        info = row.extra_info
        ours = float(row.stats.median)
        lines.append(
            f"{info['clips']:,} embedded clips, {info['what']}, from nothing to the table: "
            f"**{ours:.0f} s**. The blog's code takes {info['blog_s']:.0f} s to draw as many "
            f"pictures once on the same {info['workers']} cores ({info['blog_s'] / ours:.1f} "
            f"times as long; measured on {info['sample']} of them)."
        )
    return ["## A whole comparison", "", *lines] if lines else []


def _growth(rows: Sequence[Any]) -> list[str]:
    if not rows:
        return []
    head = GROWTH_HEAD.format(workers=rows[0].extra_info["workers"])
    return [head, *map(_grown, rows), "", BY_HAND]


def _grown(row: Any) -> str:
    info, seconds = row.extra_info, float(row.stats.median)
    clips = int(info["clips"])
    return (
        f"| {clips:,} | {seconds:,.1f} | {1e3 * seconds / clips:.2f} | {info['peak'] / 1e6:,.0f} | "
        f"{info['disk'] / clips / 1e3:.1f} |"
    )


def _training(rows: Sequence[Any]) -> list[str]:
    lines = [
        f"| {row.extra_info['what']} | {row.extra_info['clips']:,} | {row.stats.median:,.1f} |"
        for row in rows
    ]
    return [TRAINING_HEAD, *lines] if lines else []


def _memory(rows: Sequence[Any]) -> list[str]:
    if not rows:
        return []
    measured = [row.extra_info for row in rows]
    return [
        MEMORY_HEAD,
        *(f"| {i['what']} | {i['clips']:,} | {i['peak'] / 1e6:,.0f} |" for i in measured),
    ]


def _networks(rows: Sequence[Any]) -> list[str]:
    return [NETWORKS_HEAD, *map(_network, rows)] if rows else []


def _network(row: Any) -> str:
    info = row.extra_info
    bare = median(info["bare_s"]) / info["clips"] * 1e3
    pairs = zip(info["ours_s"], info["bare_s"], strict=True)
    low, middle, high = quantiles([ours / alone for ours, alone in pairs], n=4)
    return (
        f"| {info['engine']} | {info['side']} | {_per_clip(row) / 1e3:.2f} | {bare:.2f} | "
        f"{middle:.2f} | {low:.2f}–{high:.2f} |"
    )


def _times(rows: Iterable[Any]) -> dict[tuple[str, str], float]:
    """Map each part and by whom it is done to its time for a clip (µs)."""
    others = (CHAINS, WHOLE, MEMORY, NETWORKS, TRAINING, GROWTH, RUN)
    parts = [row for row in rows if row.group not in others]
    return {(row.group, row.extra_info["by"]): _per_clip(row) for row in parts}


def _parts(times: dict[tuple[str, str], float]) -> list[str]:
    lines = [
        f"| {part} | {times[part, 'ours']:,.1f} | {by} | {own:,.1f} |"
        for (part, by), own in times.items()
        if by != "ours" and (part, "ours") in times
    ]
    shared = {part for part, by in times if by != "ours"}
    lines += [
        f"| {part} | {own:,.1f} | | |" for (part, _), own in times.items() if part not in shared
    ]
    return [PARTS_HEAD, *lines] if lines else []


def _steps(rows: Sequence[Any]) -> list[str]:
    """Say how far a chain is from the limit, and where its time goes."""
    parts = {part: own for (part, by), own in _times(rows).items() if by == "ours"}
    lines = list(_shares(parts, _on_one_core(rows)))
    return [STEPS_HEAD, *lines] if lines else []


def _on_one_core(rows: Iterable[Any]) -> dict[str, float]:
    chains = [row for row in rows if row.group == CHAINS and row.extra_info["workers"] == 1]
    return {row.extra_info["what"]: _per_clip(row) for row in chains}


def _shares(parts: dict[str, float], whole: dict[str, float]) -> Iterator[str]:
    for chain, steps in STEPS.items():
        if chain not in whole or LIMIT not in whole or not parts.keys() >= set(steps):
            continue
        known = ", ".join(f"{step} {parts[step]:,.0f}" for step in steps)
        rest = whole[chain] - sum(parts[step] for step in steps)
        yield (
            f"- `{chain}`: {whole[chain]:,.0f} µs, {whole[chain] / whole[LIMIT]:.1f} times the "
            f"limit. Its parts, measured alone in µs: {known}; what comes on top when they take "
            f"turns in the caches: {rest:,.0f}."
        )
