"""Ranks over several datasets, in words: the same for terminal and Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.ranking import Ranking
from harness.reporting.wording import summary as wording

RANK_HEADS = ("cell", "mean rank", "ties")


def rank_headline(ranking: Ranking) -> str:
    """Say in a sentence or two which cell ranks best."""
    found = ranking.analysis
    best = f"Best over {len(ranking.runs)} datasets: {found.names[0]}, mean rank " + (
        f"{found.average_ranks[0]:.2f} of {len(found.names)}."
    )
    apart = sum(not set(found.letters[0]) & set(letters) for letters in found.letters[1:])
    others = len(found.names) - 1
    if apart == others:
        return f"{best} It is better than every other cell."
    return f"{best} {others - apart} of the other {others} cannot be told from it."


def rank_remarks(ranking: Ranking) -> Iterator[str]:
    """Say how ranks were judged, and what they cannot show."""
    found = ranking.analysis
    if found.friedman_p is not None:
        yield f"Friedman's test of “all cells are equal”: p {found.friedman_p:.2g}."
    yield (
        "Cells that share a letter cannot be told apart (Wilcoxon signed-rank tests over datasets, "
        "Holm-corrected)."
    )
    if ranking.hopeless:
        yield (
            f"{len(ranking.runs)} datasets are too few to tell any two of {len(found.names)} "
            f"cells apart: no p-value can be below {ranking.smallest_p:.2g}."
        )
    for clique in found.cliques:
        yield "bar: " + " – ".join(found.names[place] for place in clique)
    if ranking.missing:
        yield f"not ranked, as some run lacks a result: {', '.join(ranking.missing)}"


def rank_figures(ranking: Ranking) -> Iterator[list[str]]:
    """Write each cell's name, mean rank, letters and accuracy on every dataset."""
    found = ranking.analysis
    for place, name in enumerate(found.names):
        accuracies = [wording.percent(value) for value in ranking.accuracies[:, place]]
        yield [name, f"{found.average_ranks[place]:.2f}", found.letters[place], *accuracies]
