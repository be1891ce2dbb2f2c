"""``sightbench report``: a run, or runs of several data sets, as one HTML file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import choices, terminal
from harness.cli.choices import Averages, Cache, PathOption, PluginFiles, Results, WithEnsemble
from harness.cli.completion import complete_runs
from harness.cli.formats import ChooseBy, ChosenBy, mixed
from harness.cli.judging import Asked, At, Gap, JudgeBy, Longest, Shortest
from harness.cli.progress import progress

if TYPE_CHECKING:
    from harness.analysis.summary import Summary
    from harness.reporting.html.page import Rendered, Subject
    from harness.results.store import Run


def command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]",
            show_default=False,
            autocompletion=complete_runs,
            help="A run's folder, name, or part of it; the newest if left out. Several, each on "
            "data of its own, are put on one page with ranks.",
        ),
    ] = None,
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
    everything: Annotated[
        bool,
        typer.Option("--all", help="All cells on the same clips and split, whoever asked."),
    ] = False,
    clips: Annotated[
        int,
        typer.Option(
            "--clips", metavar="N", min=0, max=100, help="Clips in the gallery; 0: no pictures."
        ),
    ] = 12,
    no_sound: Annotated[
        bool, typer.Option("--no-sound", help="Leave out the clips' sounds: a smaller file.")
    ] = False,
    ensemble: WithEnsemble = False,
    add: Averages = None,
    choose_by: ChosenBy = ChooseBy.accuracy,
    at: At = None,
    gap: Gap = 0.0,
    shortest: Shortest = 1,
    longest: Longest = None,
    path: PathOption = None,
    results: Results = choices.DEFAULT_RESULTS,
    cache: Cache = None,
    plugin: PluginFiles = None,
) -> None:
    """Write a run as one HTML file that needs no network and can be mailed.

    Pictures come from the cache, or are drawn again from the dataset; sounds are read from it.
    Where it cannot be reached the report is written without them, and says so. Windows of
    recordings are judged by events, too.
    """  # fmt: skip
    from harness.cli.places import expect_place, writing

    if output is not None:
        expect_place(output, "--output")
    asked = Asked(JudgeBy.events, at, gap, shortest, longest)
    asked.check()
    with progress() as observer:
        observer.stage("working out the statistics", None)
        from harness.reporting.html import render_report, write_report
        from harness.reporting.html.sounds import ROOM_BYTES

        found = _find(results, runs or [], path, everything)
        target = output or (found[0].folder if len(found) == 1 else results) / "report.html"
        summaries = [_summarise(mixed(each, ensemble, add or ()), choose_by) for each in found]
        subjects = _subjects(summaries, cache, path, plugin, bool(clips))
        observer.stage("judging by events", None)
        subjects = [replace(each, events=asked.judged(each.summary)) for each in subjects]
        observer.stage("drawing pictures", None)
        page = render_report(subjects, clips, 0 if no_sound else ROOM_BYTES)
        with writing(target, "--output"):
            write_report(target, page.html)
    _tell(page, clips, target)
    terminal.write(str(target))
    if show:
        typer.launch(target.resolve().as_uri())


def _find(results: Path, names: list[str], path: str | None, everything: bool) -> list[Run]:
    from harness.errors import PlanError
    from harness.results import store

    if path is not None and len(names) > 1:
        raise PlanError("--path is of one dataset: with several runs leave it out.")
    found = [store.find_run(results, name) for name in names] or [store.find_run(results, None)]
    return [store.everything(run) for run in found] if everything else found


def _summarise(run: Run, choose_by: ChooseBy) -> Summary:
    from harness.analysis.choice import Criterion
    from harness.analysis.summary import summarise

    return summarise(run, Criterion(choose_by.value))


def _subjects(
    summaries: list[Summary],
    cache: Path | None,
    path: str | None,
    plugin: list[Path] | None,
    wanted: bool,
) -> list[Subject]:
    """Join each run with what draws its pictures, or with why nothing does."""
    from harness.analysis.redrawing import Redrawing
    from harness.errors import SightbenchError
    from harness.reporting.html import Subject

    if not wanted:
        return [Subject(each, None, "none were asked for") for each in summaries]
    try:
        plugins, gallery = choices.load_plugins(plugin), choices.open_gallery(cache)
    except SightbenchError as error:
        return [Subject(each, None, str(error)) for each in summaries]
    return [Subject(each, Redrawing(each.run, plugins, gallery, path)) for each in summaries]


def _tell(page: Rendered, clips: int, target: Path) -> None:
    from harness.reporting.wording.sounds import megabytes

    if clips:
        for why in page.missing:
            terminal.complain(f"the report has no pictures: {why}")
    heard = ""
    if page.sounds:
        heard = (
            f"; {page.sounds} clips can be heard, {megabytes(page.sound_bytes)} of it "
            "(--no-sound leaves them out)"
        )
    terminal.remark(f"{megabytes(target.stat().st_size)}{heard}")
