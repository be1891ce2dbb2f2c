"""When a kept detector says yes: as the most probable class, or from a threshold with a promise."""

from __future__ import annotations

from harness.analysis.judging import Confirmed as OnHoldout
from harness.analysis.judging import Judged, judge
from harness.applying.detector import Confirmed, Decision, Figure
from harness.applying.wishes import Wish
from harness.errors import PlanError
from harness.statistics.drawn import Estimate
from harness.values import Missing


def decided(wish: Wish) -> Decision:
    """Choose thresholds inside training for a promise, one a class that selections are of.

    The background is not known yet.

    Raises
    ------
    PlanError
        Nothing there keeps the promise, or clips are no windows of recordings.
    """
    if wish.promise is None:
        return Decision()
    judgement = judge(wish.run, [wish.row], wish.promise, wish.joining)
    thresholds, confirmed = {}, []
    for row in judgement.rows:
        if isinstance(row.at, Missing):
            raise PlanError(
                f"No threshold of {row.title} keeps {wish.promise} for {row.label}: "
                f"{row.at.reason}. Promise less, or keep it without --at."
            )
        thresholds[row.label] = row.at.thresholds[0].value
        confirmed.append(_confirmed(row, row.at, str(wish.promise)))
    joining = wish.joining
    return Decision("", thresholds, joining.gap_s, joining.shortest, tuple(confirmed))


def _confirmed(row: Judged, at: OnHoldout, promise: str) -> Confirmed:
    return Confirmed(
        label=row.label,
        promise=promise,
        precision=_figure(at.precision),
        recall=_figure(at.recall),
        per_hour=_figure(at.per_hour),
        verdict=at.verdict or "",
    )


def _figure(found: Estimate | None) -> Figure | None:
    return None if found is None else Figure(found.value, found.low, found.high)
