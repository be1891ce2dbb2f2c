"""``sightbench apply``: a kept detector, put to work on recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Cache, Jobs, PluginFiles
from harness.cli.formats import TableOrJson
from harness.cli.progress import progress

if TYPE_CHECKING:
    from harness.applying.detecting import Rules
    from harness.applying.listening import Work

KINDS = ("raven", "audacity", "csv", "parquet", "windows")


def command(
    detector: Annotated[
        Path, typer.Argument(metavar="DETECTOR", show_default=False, help="What keep wrote.")
    ],
    recordings: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECORDINGS...",
            show_default=False,
            help="Recordings of any length, or folders or zips of them.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="The folder to write to.")
    ] = Path("detections"),
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold",
            metavar="P",
            min=0.0,
            max=1.0,
            show_default="the detector's",
            help="Detect from this probability on.",
        ),
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option(
            "--gap",
            metavar="SECONDS",
            min=0.0,
            show_default="the detector's",
            help="Join detected windows across so much time.",
        ),
    ] = None,
    shortest: Annotated[
        int | None,
        typer.Option(
            "--shortest",
            metavar="WINDOWS",
            min=1,
            show_default="the detector's",
            help="Drop detections of fewer windows.",
        ),
    ] = None,
    hop: Annotated[
        float | None,
        typer.Option(
            "--hop",
            metavar="SECONDS",
            min=0.001,
            show_default="the detector's",
            help="From one window's beginning to the next's.",
        ),
    ] = None,
    write: Annotated[
        str,
        typer.Option(
            "--write",
            metavar="KINDS",
            help="What to write, of raven, audacity, csv, parquet, windows (all scores).",
        ),
    ] = "raven,csv",
    sheet: Annotated[
        int,
        typer.Option(
            "--sheet",
            metavar="N",
            min=0,
            max=100,
            help="Draw the N surest and the N least sure detections.",
        ),
    ] = 0,
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            metavar="P",
            min=0.0,
            max=1.0,
            show_default="none",
            help="Let probabilities of the self-test differ by this much, on another machine.",
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout", metavar="SECONDS", min=0.001, help="Stop a block that takes longer."
        ),
    ] = None,
    format: Annotated[
        TableOrJson, typer.Option("--format", help="How to print what came of it.")
    ] = TableOrJson.table,
    jobs: Jobs = None,
    cache: Cache = None,
    plugin: PluginFiles = None,
) -> None:
    """Put a kept detector to work on recordings.

    Its self-test is run first; where this machine draws or scores otherwise, it is not applied.
    Windows of recordings are scored block by block; the same command goes on where it was
    stopped, and another threshold needs no listening. Exit status 1: not all could be heard.
    """  # fmt: skip
    from harness.cli.places import expect_folder, writing

    kinds = _kinds(write)
    expect_folder(output, "--output")
    with progress() as observer:
        observer.stage("loading plugins", None)
        from harness.applying.listening import Order, listen
        from harness.measuring.environment import processors
        from harness.running.options import Options, Session
        from harness.running.workers import open_workers

        plugins = choices.load_plugins(plugin)
        gallery = choices.open_gallery(cache)
        options = Options(output, gallery, jobs or processors(), timeout_s=timeout)
        order = Order(detector, tuple(recordings), output.absolute() / "scores", hop, tolerance)
        observer.stage("starting worker processes", None)
        with open_workers(options.jobs, options.scratch) as workers:
            work = listen(order, plugins, Session(options, workers, observer, plugins.hook))
        observer.stage("writing what was found", None)
        rules = _rules(work, threshold, gap, shortest)
        with writing(output, "--output"):
            from harness.reporting.exports.findings import write_findings

            findings = write_findings(output, work, rules, kinds)
            if sheet:
                from harness.reporting.sheets.detections import write_sheets

                write_sheets(output, work, findings.detections, sheet)
    _print(work, rules, findings.about, output, format)
    raise typer.Exit(int(not findings.whole))


def _kinds(written: str) -> list[str]:
    kinds = [each.strip() for each in written.split(",") if each.strip()]
    strange = [each for each in kinds if each not in KINDS]
    if strange:
        raise typer.BadParameter(f"--write: {strange[0]!r} is not one of {', '.join(KINDS)}.")
    return kinds


def _rules(work: Work, threshold: float | None, gap: float | None, shortest: int | None) -> Rules:
    import dataclasses

    from harness.applying.detecting import Rules
    from harness.statistics.events import Joining

    detector = work.bundle.detector
    decision = detector.decision
    if threshold is not None:
        wanted = dict.fromkeys(detector.wanted, threshold)
        decision = dataclasses.replace(decision, thresholds=wanted, confirmed=())
    gap_s = decision.gap_s if gap is None else gap
    return Rules(decision, Joining(gap_s, decision.shortest if shortest is None else shortest))


def _print(
    work: Work, rules: Rules, about: list[dict[str, Any]], output: Path, format: TableOrJson
) -> None:
    from harness.files.documents import written
    from harness.reporting.wording.detections import summary, to_json

    if format is TableOrJson.json:
        terminal.write_json(written(to_json(work.bundle, rules, about)))
        return
    for line in summary(work.bundle, rules, about):
        terminal.remark(line)
    terminal.write(str(output))
