"""Several runs, each on a dataset of its own: which cells rank best over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.analysis.summary import Summary
from harness.errors import StoreError
from harness.statistics.paired import ALPHA
from harness.statistics.ranks import RankAnalysis, rank_methods


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Cells ranked over datasets.

    Parameters
    ----------
    runs
        One a dataset.
    datasets
        What each is of.
    accuracies : array [shape=(datasets, cells)]
        In the order of `analysis.names`.
    analysis
        Average ranks, tests, cliques.
    missing
        Cells that some run lacks or could not finish; they are not ranked.
    smallest_p
        The smallest p-value that a Wilcoxon test can have on so few datasets, after Holm's
        correction: at or above 0.05 no two cells could be told apart whatever they did.
    """

    runs: tuple[str, ...]
    datasets: tuple[str, ...]
    accuracies: NDArray[np.float64]
    analysis: RankAnalysis
    missing: tuple[str, ...]
    smallest_p: float

    @property
    def hopeless(self) -> bool:
        """Say whether there are too few datasets to tell anything apart."""
        return self.smallest_p >= ALPHA


def rank_runs(summaries: Sequence[Summary]) -> Ranking:
    """Rank the cells that all runs share by holdout accuracy.

    Raises
    ------
    StoreError
        Fewer than two runs, two of the same data, or fewer than two shared cells.
    """
    _check(summaries)
    tables = [
        {row.title: row.accuracy for row in each.rows if row.status == "ok" and not row.control}
        for each in summaries
    ]
    everything = dict.fromkeys(
        row.title for each in summaries for row in each.rows if not row.control
    )
    shared = [title for title in everything if all(title in table for table in tables)]
    if len(shared) < 2:
        raise StoreError(
            f"The {len(summaries)} runs share {len(shared)} finished cells; ranks need two or "
            "more. Run the same representations and classifiers on every dataset."
        )
    scores = np.array([[table[title] for title in shared] for table in tables], np.float64)
    analysis = rank_methods(scores, shared)
    order = [shared.index(name) for name in analysis.names]
    pairs = len(shared) * (len(shared) - 1) // 2
    return Ranking(
        runs=tuple(each.run.name for each in summaries),
        datasets=tuple(each.data.dataset for each in summaries),
        accuracies=scores[:, order],
        analysis=analysis,
        missing=tuple(title for title in everything if title not in shared),
        smallest_p=min(1.0, pairs * 2.0 ** (1 - len(summaries))),
    )


def _check(summaries: Sequence[Summary]) -> None:
    if len(summaries) < 2:
        raise StoreError("Ranks need two runs or more, each on a dataset of its own.")
    seen: dict[str, str] = {}
    for each in summaries:
        other = seen.get(each.data.digest)
        if other == each.run.name:
            raise StoreError(f"{other} is named twice; ranks need runs of different data.")
        if other is not None:
            raise StoreError(
                f"{other} and {each.run.name} are of the same data, which would count twice. "
                "Ranks need every run on a dataset of its own; two runs on the same data are "
                f"compared clip by clip: sightbench compare {other} {each.run.name}"
            )
        seen[each.data.digest] = each.run.name
