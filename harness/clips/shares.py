"""Whole units nearest a share: which of them to hold out, of all clips and of each class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TRIES = 40
"""Random orders that are tried; fewer where units are many, and every draw comes near."""
UNITS_TRIED = 20_000
"""Units looked at over all tries."""
STEPS = 500
"""Changes by which one draw is bettered at most."""
ONE_SIDED = 1e6
"""What a class that stands on one side only adds to the distance: more than any share misses."""


def draw_nearest(
    tallies: NDArray[np.float64],
    share: float,
    least_training: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.bool_], bool]:
    """Choose units at random, as near as may be to a share of all clips and of each class.

    Each try takes units in random order where that brings it nearer, then moves or exchanges
    single units as long as that does. The nearest of all tries is the draw.

    Parameters
    ----------
    tallies : array [shape=(units, classes)]
        Clips of each class in each unit.
    least_training : array [shape=(classes,)]
        Clips of each class that must be left for training.

    Returns
    -------
    held : array [shape=(units,)]
    whole
        Whether every class is on both sides, with enough left for training.
    """
    aim = _Aim(tallies, share, least_training)
    best, smallest = np.zeros(len(tallies), bool), np.inf
    tries = max(2, min(TRIES, UNITS_TRIED // len(tallies)))
    for first in aim.take_in_order(np.stack([rng.permutation(len(tallies)) for _ in range(tries)])):
        held, distance = aim.better(first)
        if distance < smallest - 1e-12:
            best, smallest = held, distance
    return best, smallest < ONE_SIDED


class _Aim:
    """How far a choice of units is from the share: sums of squares of shares missed."""

    def __init__(
        self, tallies: NDArray[np.float64], share: float, least: NDArray[np.float64]
    ) -> None:
        self.tallies, self.share, self.least = tallies, share, least
        self.totals = tallies.sum(axis=0)
        self.clips = float(self.totals.sum())

    def distance(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Measure counts of clips held out [shape=(..., classes)]."""
        missed = counts / self.totals - self.share
        overall = counts.sum(axis=-1) / self.clips - self.share
        short = (counts < 1) | (self.totals - counts < self.least)
        classes = counts.shape[-1]
        return np.asarray(
            overall**2 * classes + (missed**2).sum(axis=-1) + ONE_SIDED * short.sum(axis=-1)
        )

    def take_in_order(self, orders: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Take each unit that leaves no class above its share by more than half of the unit.

        Parameters
        ----------
        orders : array [shape=(tries, units)]

        Returns
        -------
        array [shape=(tries, units)]
        """
        held, counts = np.zeros(orders.shape, bool), np.zeros((len(orders), len(self.totals)))
        goal, each = self.share * self.totals, np.arange(len(orders))
        for places in orders.T:
            tally = self.tallies[places]
            fits = ((counts + tally / 2 <= goal) | (tally <= 0)).all(axis=1)
            held[each, places] = fits
            counts += tally * fits[:, None]
        return held

    def better(self, held: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], float]:
        """Move single units from side to side as long as that brings the choice nearer."""
        counts = self.tallies[held].sum(axis=0)
        now = float(self.distance(counts))
        for _ in range(STEPS):
            signs = np.where(held, -1.0, 1.0)[:, None]
            moved = self.distance(counts + signs * self.tallies)
            place = int(moved.argmin())
            if moved[place] >= now - 1e-12:
                exchange = self._exchange(held, counts, now)
                if exchange is None:
                    break
                out, place = exchange
                held[out] = False
                counts = counts - self.tallies[out]
            held[place] = not held[place]
            counts = self.tallies[held].sum(axis=0)
            now = float(self.distance(counts))
        return held, now

    def _exchange(
        self, held: NDArray[np.bool_], counts: NDArray[np.float64], now: float
    ) -> tuple[int, int] | None:
        """Find one held and one other unit whose exchange brings the choice nearer."""
        inside, outside = np.flatnonzero(held)[:200], np.flatnonzero(~held)[:200]
        if not len(inside) or not len(outside):
            return None
        change = self.tallies[outside][None] - self.tallies[inside][:, None]
        distances = self.distance(counts + change)
        out, place = np.unravel_index(int(distances.argmin()), distances.shape)
        if distances[out, place] >= now - 1e-9:
            return None
        return int(inside[out]), int(outside[place])
