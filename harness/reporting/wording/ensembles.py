"""Rows that average cells, in words: their members, and what it cost to choose them."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.averages import Ensemble, Member
from harness.analysis.summary import Summary
from harness.planning.ways import ENSEMBLE

NAMED_MEMBERS = 6
"""Of more members, the rest are counted."""


def ensemble_remarks(summary: Summary) -> Iterator[str]:
    """Say of each ensemble what it is made of, and why there is none."""
    for each in summary.ensembles:
        if each.missing:
            yield f"No {each.name}: {each.missing}."
        elif each.candidates:
            yield members(each)
            yield from _flattery(summary, each)
        else:
            yield from _named(each)
        if each.left_out:
            yield f"Not in the {each.name}: {'; '.join(each.left_out)}."


def members(ensemble: Ensemble) -> str:
    """Name the members of a chosen ensemble with their weights."""
    found = ensemble.members()
    several = len(ensemble.averages) > 1
    where = f", the mean of {len(ensemble.averages)} choices" if several else ""
    return (
        f"The {ensemble.name} averages {len(found)} of {ensemble.candidates} cells, chosen inside "
        f"training by log loss{where}: {_weighted(found)}."
    )


def _weighted(found: tuple[Member, ...]) -> str:
    named = [
        f"{100 * each.weight:.0f}% {each.representation} × {each.classifier}"
        for each in found[:NAMED_MEMBERS]
    ]
    rest = found[NAMED_MEMBERS:]
    if rest:
        share = sum(each.weight for each in rest)
        named.append(f"{100 * share:.0f}% {len(rest)} more")
    return ", ".join(named)


def _flattery(summary: Summary, ensemble: Ensemble) -> Iterator[str]:
    """Say what the choice flatters itself by."""
    row = next((row for row in summary.rows if row.representation == ENSEMBLE), None)
    honest = None if row is None else row.mean("cv", "accuracy")
    if honest is None or ensemble.flattered is None:
        return
    yield (
        f"Its cross-validated {100 * honest:.1f}% are of members chosen without the fold that is "
        f"judged; chosen with it, they would seem to be {100 * ensemble.flattered:.1f}%."
    )


def _named(ensemble: Ensemble) -> Iterator[str]:
    found = ensemble.members()
    if len({each.weight for each in found}) > 1:
        yield f"{ensemble.name} counts {_weighted(found)}."
    if all(each.record.cv is None for each in ensemble.averages):
        yield (
            f"{ensemble.name} has no cross-validated figure: its cells were not all "
            "cross-validated on the same folds."
        )
