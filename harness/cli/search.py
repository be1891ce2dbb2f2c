"""``sightbench search``: a better picture, found inside training."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli import choices, terminal
from harness.cli.choices import (
    Cache,
    Classifiers,
    DatasetOption,
    EngineOption,
    Experiment,
    Folds,
    Jobs,
    Note,
    PathOption,
    PlanFile,
    PluginFiles,
    Representations,
    ResourcesOption,
    Results,
    Size,
    SkipBad,
    SplitOption,
)
from harness.cli.completion import complete_drawing_plugins
from harness.cli.formats import TABLES, ChooseBy, ChosenBy
from harness.cli.panels import HOW, WHAT
from harness.cli.progress import progress

if TYPE_CHECKING:
    from harness.registry.discovery import Plugins
    from harness.searching.findings import Findings
    from harness.searching.search import Wish


class Output(StrEnum):
    """What `--format` takes."""

    table = "table"
    json = "json"
    markdown = "markdown"


def command(
    plan: PlanFile = None,
    representations: Representations = None,
    classifiers: Classifiers = None,
    cells: Annotated[
        int | None,
        typer.Option(
            "--cells",
            metavar="N",
            min=1,
            rich_help_panel=HOW,
            help="Try so many cells on each split: a candidate on a fold is one.",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes",
            metavar="N",
            min=0.001,
            rich_help_panel=HOW,
            help="Search so long on each split.",
        ),
    ] = None,
    among: Annotated[
        list[str] | None,
        typer.Option(
            "--among",
            metavar="NAME",
            show_default="all that fit",
            rich_help_panel=WHAT,
            autocompletion=complete_drawing_plugins,
            help="Vary this representation or improvement. Repeat for more.",
        ),
    ] = None,
    stacks: Annotated[
        bool,
        typer.Option(
            "--stacks/--no-stacks",
            rich_help_panel=WHAT,
            help="Try two or three of the best in one picture.",
        ),
    ] = True,
    dataset: DatasetOption = None,
    path: PathOption = None,
    split: SplitOption = None,
    folds: Folds = None,
    splits: Annotated[
        int | None,
        typer.Option(
            "--splits",
            metavar="N",
            min=1,
            show_default="1",
            rich_help_panel=WHAT,
            help="Search anew inside so many training sides; tells what searching is worth.",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", min=0, rich_help_panel=HOW, help="Seeds what is proposed."
        ),
    ] = 0,
    size: Size = None,
    note: Note = None,
    experiment: Experiment = None,
    skip_bad: SkipBad = False,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            metavar="SECONDS",
            min=0.001,
            rich_help_panel=HOW,
            help="Stop a cell that takes longer; its candidate drops out.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", rich_help_panel=HOW, help="Start nothing; say what would be tried first."
        ),
    ] = False,
    jobs: Jobs = None,
    engine: EngineOption = "local",
    resources: ResourcesOption = None,
    results: Results = choices.DEFAULT_RESULTS,
    cache: Cache = None,
    plugin: PluginFiles = None,
    choose_by: ChosenBy = ChooseBy.accuracy,
    format: Annotated[Output, typer.Option("--format", help="How to print it.")] = Output.table,
) -> None:
    """Find a better picture for one classifier: candidates race on the folds inside training.

    It begins with the first -r (the spectrogram, if none is named) and looks at the holdout once,
    at the end. The same command goes on where it was stopped.
    """  # fmt: skip
    flags = {
        "representations": representations or _start(plan),
        "classifiers": classifiers,
        "dataset": dataset,
        "path": path,
        "split": split,
        "folds": folds,
        "splits": splits,
        "picture_height": size,
        "picture_width": size,
        "note": note,
        "experiment": experiment,
    }
    settings = {
        "skip_bad": skip_bad,
        "timeout_s": timeout,
        "engine": engine,
        "resources": tuple(resources or ()),
    }
    with progress() as observer:
        from harness.searching.search import foresee, search

        observer.stage("loading plugins", None)
        plugins = choices.load_plugins(plugin)
        options = _options(results, cache, jobs, settings)
        wish = _wish(plugins, plan, flags, (cells, minutes), (among or [], stacks, seed, choose_by))
        if dry_run:
            outlook = foresee(wish, plugins, options, observer)
        else:
            findings = search(wish, plugins, options, observer, terminal.complain)
    if dry_run:
        from harness.reporting.wording.search import foreseen

        for line in foreseen(outlook):
            terminal.write(line)
        return
    _print(findings, format)


def _start(plan: Path | None) -> list[str] | None:
    """Name where to begin if nobody says so: the plain spectrogram, not five default ways."""
    from harness.planning.plan import read_toml
    from harness.planning.specs import BASE_REPRESENTATION
    from harness.running.start import PLAN_SUFFIX

    if plan is not None and plan.suffix.casefold() == PLAN_SUFFIX:
        return None if read_toml(plan).get("representations") else [BASE_REPRESENTATION]
    return [BASE_REPRESENTATION]


def _options(results: Path, cache: Path | None, jobs: int | None, others: dict[str, Any]) -> Any:
    from harness.cli.places import expect_folder
    from harness.measuring.environment import processors
    from harness.running.options import Options

    gallery = choices.open_gallery(cache)
    expect_folder(results, "--results")
    expect_folder(gallery.folder, "--cache")
    return Options(results, gallery, jobs or processors(), imports=TABLES, **others)


def _wish(
    plugins: Plugins,
    file: Path | None,
    flags: dict[str, Any],
    budget: tuple[int | None, float | None],
    how: tuple[list[str], bool, int, ChooseBy],
) -> Wish:
    from harness.analysis.choice import Criterion
    from harness.searching.rounds import Budget
    from harness.searching.search import Wish
    from harness.searching.space import space_of

    among, stacks, seed, by = how
    return Wish(
        plan=choices.plan_from(plugins, file, flags),
        space=space_of(plugins.catalogue, among, stacks),
        budget=Budget(*budget),
        by=Criterion(by.value),
        seed=seed,
    )


def _print(findings: Findings, format: Output) -> None:
    if format is Output.table:
        from harness.reporting.tables.search import print_findings

        print_findings(findings, terminal.console())
        return
    from harness.reporting.exports.search import search_json, search_markdown

    if format is Output.json:
        terminal.write_json(search_json(findings))
    else:
        terminal.write(search_markdown(findings), end="")
