"""``sightbench show``: the comparison of a run, finished or not."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli import choices
from harness.cli.choices import Averages, Results, RunName, WithEnsemble
from harness.cli.formats import ChooseBy, ChosenBy, Format, Formats, mixed, print_run
from harness.cli.judging import (
    Asked,
    At,
    Gap,
    Judge,
    JudgeBy,
    Longest,
    Shortest,
    print_events,
)
from harness.cli.progress import busy


def command(
    run: RunName = None,
    ranked: Annotated[
        bool, typer.Option("--ranked", help="Every cell in a row, with intervals and ties.")
    ] = False,
    gains: Annotated[
        bool, typer.Option("--gains", help="What each representation gains over the plain one.")
    ] = False,
    details: Annotated[
        bool, typer.Option("--details", help="F1, calibration and the figures of each class.")
    ] = False,
    curves: Annotated[bool, typer.Option("--curves", help="Learning curves.")] = False,
    costs: Annotated[bool, typer.Option("--costs", help="What services took.")] = False,
    everything: Annotated[
        bool,
        typer.Option("--all", help="All cells on the same clips and split, whoever asked."),
    ] = False,
    all_rows: Annotated[
        bool, typer.Option("--all-rows", help="The whole grid, however many screens it takes.")
    ] = False,
    ensemble: WithEnsemble = False,
    add: Averages = None,
    choose_by: ChosenBy = ChooseBy.accuracy,
    judge: Judge = JudgeBy.clips,
    at: At = None,
    gap: Gap = 0.0,
    shortest: Shortest = 1,
    longest: Longest = None,
    format: Format = Formats.table,
    results: Results = choices.DEFAULT_RESULTS,
) -> None:
    """Print the comparison of a run at a glance: the newest, or the one named.

    More of it: --ranked, --gains, --details, --curves, --costs, in any combination. Windows of
    recordings are judged as the field judges by --judge events.
    """
    asked = Asked(judge, at, gap, shortest, longest)
    asked.check()
    with busy("reading results"):
        from harness.results import store

        found = store.find_run(results, run)
        found = store.everything(found) if everything else found
    wanted = {
        "ranked": ranked,
        "gains": gains,
        "details": details,
        "curves": curves,
        "costs": costs,
    }
    with busy("averaging predictions"):
        found = mixed(found, ensemble, add or ())
    if asked.events:
        print_events(found, asked, format)
        return
    parts = [name for name, asked_for in wanted.items() if asked_for]
    print_run(found, format, choose_by, parts, all_rows)
