"""What a search found, in words: the same for terminal, JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from harness.reporting.wording import summary as wording
from harness.reporting.wording.reproduction import command_line
from harness.searching.findings import Advantage, Findings, SplitFinding, Tried
from harness.searching.search import Outlook

HEADS = ("way to draw", "folds", "points over start", "what became of it")
SPLIT_HEADS = ("split", "start", "choice", "points", "95% interval", "chosen way")
SHOWN = 12
"""Candidates that a table shows, those that went furthest first; of others there is a count."""


def headline(findings: Findings) -> Iterator[str]:
    """Say what was searched, and the short answer."""
    remarks = ["SYNTHETIC"] * findings.synthetic + [findings.plan.note] * bool(findings.plan.note)
    named = f" ({'; '.join(remarks)})" if remarks else ""
    yield (
        f"Search for a better picture of {findings.dataset}{named} for {findings.classifier}, from "
        f"{findings.start} on; {findings.budget}{' a split' if findings.nested else ''}, ranked by "
        f"{findings.by} inside training, seed {findings.seed}."
    )
    yield _answer(findings)


def _answer(findings: Findings) -> str:
    if findings.pooled is None:
        where = "on any split" if findings.nested else "inside training"
        return f"Nothing better than the start was found {where}: {findings.start} stays."
    said = _judged(findings.pooled)
    if findings.nested:
        return (
            f"Searching anew inside each of {len(findings.splits)} training sides is worth, on all "
            f"holdouts together, {said}"
        )
    return f"{findings.splits[0].found.chosen} on the holdout: {said}"


def _judged(advantage: Advantage) -> str:
    pair = advantage.pair
    verdict = "no clear difference"
    if pair.low > 0:
        verdict = "better"
    elif pair.high < 0:
        verdict = "worse"
    return (
        f"{wording.percent(advantage.chosen)}% against {wording.percent(advantage.start)}% of the "
        f"start, {wording.points(pair.difference)} points (95% "
        f"{wording.points_interval(pair.low, pair.high)}, p {pair.p:.2g}): {verdict} "
        f"({pair.method}; it speaks of {pair.about})."
    )


def inside(finding: SplitFinding) -> Iterator[str]:
    """Say how sure a choice is inside training, and how flattered."""
    found = finding.found
    tried = len(found.tried)
    yield (
        f"{tried} candidates tried in {found.cells} cells (a candidate on a fold each), "
        f"{found.rounds} rounds; {found.finalists} ran on all folds inside training."
    )
    if found.inside is not None:
        pair = found.inside.pair
        yield (
            f"Inside training the choice has {wording.percent(found.inside.chosen)}%, "
            f"{wording.points(pair.difference)} points over the start (95% "
            f"{wording.points_interval(pair.low, pair.high)}); it was chosen by these clips, so "
            "that flatters it."
        )
    if found.corrected is not None:
        yield (
            f"Choosing among the {found.finalists} is worth "
            f"{wording.percent(found.corrected.estimate)}% on clips that did not choose "
            f"({wording.interval(found.corrected.low, found.corrected.high)}, bootstrap bias "
            "correction; those dropped earlier are not counted)."
        )


def holdout(finding: SplitFinding) -> str:
    """Say how often the holdout was looked at, and what it showed."""
    cells = 1 if finding.holdout is None else 2
    earlier = "; it was not looked at before"
    if finding.earlier:
        earlier = (
            f"; other cells of these results, {finding.earlier} of them, looked at it before: "
            "whoever saw them chose with it"
        )
    look = f"One look at the holdout ({cells} cell{'s' * (cells > 1)}){earlier}."
    if finding.holdout is None:
        return f"{look} The start has {wording.percent(finding.accuracy)}% there."
    return look


def split_figures(finding: SplitFinding) -> tuple[str, ...]:
    """Write a split of a nested search, under `SPLIT_HEADS`."""
    found, advantage = finding.found, finding.holdout
    if advantage is None:
        same = wording.percent(finding.accuracy)
        return (str(finding.split), same, same, "", "", f"{found.chosen} (the start)")
    pair = advantage.pair
    return (
        str(finding.split),
        wording.percent(advantage.start),
        wording.percent(advantage.chosen),
        wording.points(pair.difference),
        wording.points_interval(pair.low, pair.high),
        found.chosen,
    )


def shown(finding: SplitFinding) -> list[Tried]:
    """Order candidates: the choice, then those that went furthest, the best first."""
    return sorted(
        finding.found.tried,
        key=lambda tried: (tried.fate != "chosen", -tried.folds, -(tried.gain or 0.0)),
    )


def figures(tried: Tried, finding: SplitFinding) -> tuple[str, ...]:
    """Write a candidate, under `HEADS`."""
    fate = "the start" if tried.way == finding.found.start else ""
    if tried.fate != "on all folds" or not fate:
        fate = f"{fate}, {tried.fate}" if fate else tried.fate
    reason = f": {tried.reason}" if tried.reason else ""
    gain = "" if tried.gain is None else wording.points(tried.gain)
    return (tried.way, str(tried.folds), gain, f"{fate}{reason}")


def ending(findings: Findings) -> Iterator[str]:
    """Say where everything is kept, before what to type."""
    if findings.nested:
        yield (
            "Each split chose for itself, so the figure is of searching, not of one picture; what "
            "to type is of the first split."
        )
    runs = ", ".join(each.inside_run for each in findings.splits)
    yield f"Kept: the look in {findings.run}, the trials in {runs}."
    yield "To type:"


def command(findings: Findings) -> str:
    """Write what to type; the look is finished, so it answers at once."""
    line = command_line(findings.plan)
    return line or 'sightbench run, with the plan that --format json shows under "plan"'


def foreseen(outlook: Outlook) -> Iterator[str]:
    """Say what a search would do."""
    surveyed = outlook.surveyed
    plan = surveyed.resolved.plan
    yield (
        f"{len(surveyed.collection)} clips of {plan.dataset}, {len(surveyed.splits)} "
        f"split{'s' * (len(surveyed.splits) > 1)} {surveyed.splits[0].kind}: "
        f"{len(surveyed.splits[0].train)} training, {surveyed.splits[0].fold_count} folds inside."
    )
    yield f"It would vary {', '.join(outlook.varied)}; {outlook.budget} a split."
    yield f"It would begin with {outlook.first[0]}, then race:"
    yield from (f"  {way}" for way in outlook.first[1:])
    yield "Nothing was started."
