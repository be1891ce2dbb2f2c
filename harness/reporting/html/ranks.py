"""What a page of several data sets begins with: which cells rank best over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.analysis.ranking import Ranking, rank_runs
from harness.analysis.summary import Summary
from harness.errors import StoreError
from harness.reporting.wording.ranking import rank_figures, rank_headline, rank_remarks


@dataclass(frozen=True, slots=True)
class RankedCell:
    """One cell: its mean rank in words and in percent of the axis, letters, accuracies."""

    name: str
    rank: str
    place: float
    letters: str
    accuracies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RanksTable:
    """Ranks over data sets; without rows the headline says why there are none."""

    headline: str
    rows: tuple[RankedCell, ...] = ()
    remarks: tuple[str, ...] = ()


def ranks_table(summaries: Sequence[Summary]) -> RanksTable:
    """Rank the cells that all runs share.

    Raises
    ------
    StoreError
        Two of the runs are of the same data.
    """
    digests = {each.data.digest for each in summaries}
    try:
        ranking = rank_runs(summaries)
    except StoreError as error:
        if len(digests) < len(summaries):
            raise
        return RanksTable(f"{len(summaries)} data sets, without ranks", (), (str(error),))
    return RanksTable(rank_headline(ranking), _rows(ranking), tuple(rank_remarks(ranking)))


def _rows(ranking: Ranking) -> tuple[RankedCell, ...]:
    ranks, last = ranking.analysis.average_ranks, len(ranking.analysis.names) - 1
    return tuple(
        RankedCell(name, rank, round(100 * (float(ranks[place]) - 1) / last, 2), letters, (*rest,))
        for place, (name, rank, letters, *rest) in enumerate(rank_figures(ranking))
    )
