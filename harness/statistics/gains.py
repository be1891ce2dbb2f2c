"""What a representation adds to the plain one, within each classifier and over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.statistics.corrections import holm, holm_confidences
from harness.statistics.dependence import judge_dependence
from harness.statistics.groups import judge_estimates, number_groups, sum_groups
from harness.statistics.paired import ALPHA, PairedComparison, compare_pairs, widen_interval

Verdict = Literal["better", "worse", "no clear difference"]
Correct = Mapping[tuple[str, str], NDArray[np.bool_]]
"""Right or wrong [shape=(clips,)] by (representation, classifier); cells may be missing."""


@dataclass(frozen=True, slots=True)
class Gain:
    """A representation against the baseline, with one classifier.

    Parameters
    ----------
    representation, classifier
        Their names.
    comparison
        The paired comparison, representation minus baseline; its interval and p-value are
        those of this one gain.
    adjusted
        The p-value after Holm's correction over all gains.
    verdict
        "better" or "worse" where `adjusted` is below alpha and the interval leaves out zero.
    low, high
        The interval after the same correction: it leaves out zero exactly where the verdict
        tells a difference.
    """

    representation: str
    classifier: str
    comparison: PairedComparison
    adjusted: float
    verdict: Verdict
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GainOverall:
    """A representation against the baseline, over the classifiers that have both.

    Parameters
    ----------
    representation
        Its name.
    classifiers
        The classifiers that have both.
    difference, low, high
        Mean gain over these classifiers, each counted equally, and its interval after Holm's
        correction, as in `Gain`.
    p, adjusted
        P-value of "no gain on average", and that after Holm's correction over representations.
    verdict
        As in `Gain`, of the mean gain.
    dependence_p, dependence_adjusted
        P-value of "the same gain with every classifier", and after Holm's correction; None
        where that cannot be tested: one classifier, or no more groups than classifiers.
    depends
        True where `dependence_adjusted` is below alpha; None where it is None.
    """

    representation: str
    classifiers: tuple[str, ...]
    difference: float
    low: float
    high: float
    p: float
    adjusted: float
    verdict: Verdict
    dependence_p: float | None
    dependence_adjusted: float | None
    depends: bool | None


def judge(low: float, high: float, adjusted: float, *, alpha: float = ALPHA) -> Verdict:
    """Put a difference in words; both its interval and its corrected p-value must agree."""
    if adjusted < alpha and low > 0:
        return "better"
    if adjusted < alpha and high < 0:
        return "worse"
    return "no clear difference"


def agree(low: float, high: float, verdict: Verdict) -> tuple[float, float]:
    """Let an interval reach zero where no difference is told, so that both say the same.

    McNemar's test and the interval of a paired difference are made in different ways, and may
    differ by a hair: the more careful of the two counts.
    """
    if verdict != "no clear difference":
        return low, high
    return min(low, 0.0), max(high, 0.0)


def gains(
    correct: Correct,
    baseline: str,
    groups: Sequence[str | None] | None = None,
    *,
    alpha: float = ALPHA,
    seed: int = 0,
) -> tuple[Gain, ...]:
    """Compare each representation with the baseline within each classifier.

    Parameters
    ----------
    correct
        Right or wrong [shape=(clips,)] by (representation, classifier), all on one holdout.
    baseline
        The representation to compare with, "spectrogram".
    groups
        The group of each clip.

    Returns
    -------
    tuple of Gain
        In the order of `correct`; pairs with a cell missing are left out.
    """
    keys = [
        (representation, classifier)
        for representation, classifier in correct
        if representation != baseline and (baseline, classifier) in correct
    ]
    row = {key: number for number, key in enumerate(correct)}
    against = [(row[key], row[baseline, key[1]]) for key in keys]
    pairs = compare_pairs(list(correct.values()), against, groups, seed=seed)
    p_values = [pair.p for pair in pairs]
    confidences = holm_confidences(p_values, alpha).tolist()
    found = []
    for key, pair, p, sure in zip(keys, pairs, holm(p_values).tolist(), confidences, strict=True):
        low, high = widen_interval(pair, sure, groups)
        verdict = judge(low, high, p, alpha=alpha)
        found.append(Gain(*key, pair, p, verdict, *agree(low, high, verdict)))
    return tuple(found)


def gains_overall(
    correct: Correct,
    baseline: str,
    groups: Sequence[str | None] | None = None,
    *,
    alpha: float = ALPHA,
) -> tuple[GainOverall, ...]:
    """Average each representation's gain over the classifiers, and ask whether it depends on them.

    Parameters are those of `gains`. The mean gain is tested with Student's t on clips, or on
    groups where there are enough; the dependence with `judge_dependence`.
    """
    numbers = number_groups(groups)
    found = {
        representation: _gain_table(correct, representation, baseline)
        for representation in dict.fromkeys(name for name, _ in correct)
        if representation != baseline
    }
    found = {name: (who, table) for name, (who, table) in found.items() if who}
    means = {name: _mean_gain(table, numbers) for name, (_, table) in found.items()}
    p_values = [float(judge_estimates(*mean)[2]) for mean in means.values()]
    adjusted = dict(zip(means, holm(p_values).tolist(), strict=True))
    confidences = dict(zip(means, holm_confidences(p_values, alpha).tolist(), strict=True))
    dependence = {name: judge_dependence(table, numbers) for name, (_, table) in found.items()}
    tested = {name: p for name, p in dependence.items() if p is not None}
    corrected = dict(zip(tested, holm(list(tested.values())).tolist(), strict=True))
    overall = []
    for name, (who, _) in found.items():
        low, high, p = map(float, judge_estimates(*means[name], confidences[name]))
        verdict = judge(low, high, adjusted[name], alpha=alpha)
        low, high = agree(low, high, verdict)
        shared = corrected.get(name)
        depends = None if shared is None else shared < alpha
        overall.append(
            GainOverall(
                name, who, means[name][0], low, high, p, adjusted[name],
                verdict, dependence[name], shared, depends,
            )
        )  # fmt: skip
    return tuple(overall)


def _gain_table(
    correct: Correct, representation: str, baseline: str
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    classifiers = tuple(
        classifier
        for name, classifier in correct
        if name == representation and (baseline, classifier) in correct
    )
    rows = [
        correct[representation, classifier].astype(np.float64)
        - correct[baseline, classifier].astype(np.float64)
        for classifier in classifiers
    ]
    return classifiers, np.array(rows)


def _mean_gain(
    table: NDArray[np.float64], numbers: NDArray[np.intp] | None
) -> tuple[float, float, int]:
    """Return the mean gain, its standard error, and how many independent units gave it."""
    mean, covariance, count = _mean_and_covariance(table.mean(axis=0, keepdims=True), numbers)
    return float(mean[0]), float(np.sqrt(covariance[0, 0])), count


def _mean_and_covariance(
    values: NDArray[np.float64], numbers: NDArray[np.intp] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Return the mean over clips, its covariance, and how many independent units gave it."""
    clips = np.arange(values.shape[1]) if numbers is None else numbers
    if len(values) == 0:
        return np.zeros(0), np.zeros((0, 0)), len(clips)
    sums, sizes = sum_groups(values, clips)
    mean = sums.sum(axis=0) / sizes.sum()
    count = len(sizes)
    if count == 1:
        return mean, np.zeros((len(mean), len(mean))), 1
    others = (sizes.sum() - sizes)[:, None]
    shift = (sums - sizes[:, None] * mean) / others
    covariance = shift.T @ shift * (count - 1) / count
    return mean, covariance, count
