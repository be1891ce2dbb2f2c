"""What ``run --dry-run`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.cli import terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.running.forecast import Forecast
    from harness.running.preparation import Survey

SHOWN = 8
"""Classes, splits and clips left out that are named; of others there is a count."""


def print_forecast(forecast: Forecast, price: float | None) -> None:
    """Say what a run would do, take and cost."""
    for line in forecast_lines(forecast):
        terminal.write(line)
    if forecast.estimates:
        from harness.reporting.tables.estimates import print_estimates

        print_estimates(forecast.estimates, price, terminal.console())


def forecast_lines(forecast: Forecast) -> Iterator[str]:
    """Word it, a line a fact."""
    survey = forecast.survey
    counts = survey.collection.counts
    classes = [f"{name} {count}" for name, count in counts.items()]
    yield (
        f"{len(survey.collection)} clips of {survey.resolved.plan.dataset} in {len(counts)} "
        f"classes: {_some(classes)}"
    )
    left_out = [f"{fault.where} {fault.why}" for fault in survey.collection.left_out]
    if left_out:
        yield f"{len(left_out)} clips would be left out: {_some(left_out)}"
    for split in survey.splits[:SHOWN]:
        folds = f", {split.fold_count} folds" if split.fold_count else ""
        sides = f"{len(split.train)} training, {len(split.holdout)} holdout"
        yield f"split {split.kind}: {sides}{folds}"
    if len(survey.splits) > SHOWN:
        yield f"and {len(survey.splits) - SHOWN} more splits"
    yield from _odd(survey)
    yield f"{forecast.cells} cells, {forecast.finished} of them finished already"
    yield (
        f"{forecast.pictures} pictures would be drawn; they take "
        f"{forecast.picture_bytes / 1e6:.1f} MB of the cache"
    )
    counts_of = [f"{count} of {what}" for what, count in forecast.tasks.items() if count]
    total = sum(forecast.tasks.values())
    if counts_of:
        yield f"up to {total} tasks would go out to workers: {', '.join(counts_of)}"
    yield "Nothing was started."


def _odd(survey: Survey) -> Iterator[str]:
    """Say what a run's table would say of its clips, before anything is run."""
    from harness.reporting.wording.clips import odd
    from harness.results.clips import SplitAbout
    from harness.running.preparation import describe_clips

    about = describe_clips(survey.resolved, survey.collection)
    lines = list(odd(about, SplitAbout.of(survey.splits, survey.collection.labels)))
    if lines:
        yield "odd in these clips:"
    yield from (f"- {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"and {len(lines) - SHOWN} more, which a run writes down"


def _some(words: list[str]) -> str:
    more = len(words) - SHOWN
    return ", ".join(words[:SHOWN]) + (f" and {more} more" if more > 0 else "")
