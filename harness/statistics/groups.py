"""A bootstrap over groups (speakers, tapes, sites, blocks), the same draws for every cell.

Clips of one group resemble each other, so an interval for *new recordings* must come from the
groups, not from the clips: a whole group is drawn or left out. The interval is the estimate
plus and minus Student's t with (groups - 1) degrees of freedom times the bootstrap's standard
error, scaled by sqrt(groups / (groups - 1)); this is the "t interval with bootstrap standard
error" with the correction for narrowness of Hesterberg (2015), "What Teachers Should Know
About the Bootstrap", The American Statistician 69(4), sections 3.2 and 4.1. A percentile
interval would be far too narrow with the 6 to 30 groups that a holdout usually has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

MINIMUM_GROUPS = 6
"""Fewest groups to draw from: below it, all groups leaning one way by chance alone
(probability 2 / 2**groups) is already more likely than 5%."""

DRAWS = 2000
"""Bootstrap draws: the standard error then has a relative error of about 1.6%."""

_TABLE_CELLS = 4_000_000
"""Most numbers that a chunk of draws holds at once (32 MB)."""

_NO_SPREAD = 1e-9
"""Standard errors below it are rounding errors."""


def number_groups(groups: Sequence[str | None] | None) -> NDArray[np.intp] | None:
    """Number the groups of clips 0, 1, ..., or return None where groups cannot be drawn.

    A clip without a group is a group of its own. None is returned where no clip has a group
    and where there are fewer than `MINIMUM_GROUPS`.
    """
    if groups is None or all(group is None for group in groups):
        return None
    keys = [(0, group) if group is not None else (1, str(i)) for i, group in enumerate(groups)]
    order = {key: number for number, key in enumerate(sorted(set(keys)))}
    if len(order) < MINIMUM_GROUPS:
        return None
    return np.array([order[key] for key in keys], dtype=np.intp)


def explain_groups(groups: Sequence[str | None] | None) -> str:
    """Say in words what an interval or a test on these clips speaks of."""
    if groups is None or all(group is None for group in groups):
        return "new clips like these"
    if number_groups(groups) is None:
        count = len(set(groups))
        return f"new clips of the same {count} group{'s' * (count != 1)}, too few to draw from"
    return "new groups"


def sum_groups(
    values: ArrayLike, numbers: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add up values by group.

    Parameters
    ----------
    values : array [shape=(cells, clips)]
    numbers : array [shape=(clips,)]
        The group of each clip, 0, 1, ...

    Returns
    -------
    sums : array [shape=(groups, cells)]
    sizes : array [shape=(groups,)]
        Clips of each group.
    """
    table = np.atleast_2d(np.asarray(values, dtype=np.float64))
    sizes = np.bincount(numbers).astype(np.float64)
    sums = np.stack([np.bincount(numbers, weights=row) for row in table], axis=1)
    return sums.astype(np.float64), sizes


def draw_means(
    values: ArrayLike, numbers: NDArray[np.intp], *, draws: int = DRAWS, seed: int = 0
) -> NDArray[np.float64]:
    """Draw groups with replacement and average each cell over the clips drawn.

    Parameters
    ----------
    values : array [shape=(cells, clips)]
        Right (1) or wrong (0), or any other figure of each clip.
    numbers : array [shape=(clips,)]
        The group of each clip, from `number_groups`.

    Returns
    -------
    array [shape=(draws, cells)]
        In one row, all cells are averaged over the same clips.
    """
    sums, sizes = sum_groups(values, numbers)
    count = len(sizes)
    few = draws * count <= _TABLE_CELLS
    times = _all_times(count, draws, seed) if few else _times(count, draws, seed)
    return np.concatenate([np.asarray((each @ sums) / (each @ sizes)[:, None]) for each in times])


def _times(count: int, draws: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Say how often each group is drawn, a chunk of draws at a time [shape=(draws, groups)]."""
    rng = np.random.default_rng(seed)
    chunk = max(1, _TABLE_CELLS // count)
    for start in range(0, draws, chunk):
        times = rng.multinomial(count, np.full(count, 1 / count), min(chunk, draws - start))
        yield times.astype(np.float64)


@lru_cache(maxsize=1)
def _all_times(count: int, draws: int, seed: int) -> tuple[NDArray[np.float64], ...]:
    """Draw once for all cells of a table, which have the same groups."""
    return tuple(_times(count, draws, seed))


def standard_errors(means: NDArray[np.float64], groups: int) -> NDArray[np.float64]:
    """Return the standard error of every difference between two cells.

    Parameters
    ----------
    means : array [shape=(draws, cells)]
        From `draw_means`.

    Returns
    -------
    array [shape=(cells, cells)]
        Off the diagonal the error of a difference; zero on it.
    """
    covariance = np.atleast_2d(np.cov(means, rowvar=False))
    variance = np.diag(covariance)
    squared = variance[:, None] + variance[None, :] - 2 * covariance
    return np.asarray(np.sqrt(np.maximum(squared, 0) * groups / (groups - 1)))


def judge_estimates(
    estimates: ArrayLike, errors: ArrayLike, groups: int, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return low, high and the two-sided p-value of "zero", by Student's t on the groups.

    Where no group differs from any other, the p-value is that of all groups leaning one way
    by chance, 2 / 2**groups.
    """
    from scipy.special import stdtr, stdtrit

    estimate = np.asarray(estimates, dtype=np.float64)
    error = np.asarray(errors, dtype=np.float64)
    half = stdtrit(groups - 1, 0.5 + confidence / 2) * error
    flat = error < _NO_SPREAD
    t = np.abs(estimate) / np.where(flat, 1.0, error)
    unanimous = np.where(np.abs(estimate) < _NO_SPREAD, 1.0, 2.0 ** (1 - groups))
    p = np.where(flat, unanimous, 2 * stdtr(groups - 1, -t))
    return estimate - half, estimate + half, np.asarray(p)
