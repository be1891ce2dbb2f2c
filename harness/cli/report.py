"""``sightbench report``: a run as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Cache, PathOption, PluginFiles, Results, RunName
from harness.cli.formats import ChooseBy, ChosenBy
from harness.cli.progress import progress

if TYPE_CHECKING:
    from harness.analysis.redrawing import Redrawing
    from harness.results.store import Run


def command(
    run: RunName = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            show_default="report.html in the run's folder",
            help="The file to write.",
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    clips: Annotated[
        int, typer.Option("--clips", min=0, max=100, help="Clips in the gallery; 0: no pictures.")
    ] = 12,
    choose_by: ChosenBy = ChooseBy.accuracy,
    path: PathOption = None,
    results: Results = choices.DEFAULT_RESULTS,
    cache: Cache = None,
    plugin: PluginFiles = None,
) -> None:
    """Write a run as one HTML file that needs no network and can be mailed.

    Pictures come from the cache, or are drawn again from the dataset; where neither can be
    reached the report is written without them, and says so.
    """  # fmt: skip
    from harness.cli.places import expect_place, writing

    if output is not None:
        expect_place(output, "--output")
    with progress() as observer:
        observer.stage("working out the statistics", None)
        from harness.analysis.choice import Criterion
        from harness.analysis.summary import summarise
        from harness.reporting.html import render_report, write_report
        from harness.results.store import find_run

        found = find_run(results, run)
        target = output or found.folder / "report.html"
        summary = summarise(found, Criterion(choose_by.value))
        observer.stage("drawing pictures", None)
        source, why_not = (
            _source(found, cache, path, plugin) if clips else (None, "none were asked for")
        )
        html, missing = render_report(summary, source, why_not, clips)
        with writing(target, "--output"):
            write_report(target, html)
    if missing and clips:
        terminal.complain(f"the report has no pictures: {missing}")
    terminal.write(str(target))
    if show:
        typer.launch(target.resolve().as_uri())


def _source(
    run: Run, cache: Path | None, path: str | None, plugin: list[Path] | None
) -> tuple[Redrawing | None, str]:
    """Return what draws pictures, or why nothing does."""
    from harness.analysis.redrawing import Redrawing
    from harness.errors import SightbenchError

    try:
        plugins = choices.load_plugins(plugin)
        return Redrawing(run, plugins, choices.open_gallery(cache), path), ""
    except SightbenchError as error:
        return None, str(error)
