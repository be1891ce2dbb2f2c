"""Estimates with the interval that a bootstrap over groups gives, of shares and of rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.statistics.events import Numbers
from harness.statistics.groups import MINIMUM_GROUPS, judge_estimates
from harness.statistics.intervals import CONFIDENCE, wilson

NO_ALARM = -float(np.log((1 - CONFIDENCE) / 2))
"""The mean of a Poisson count that is zero once in forty times: Garwood (1936), "Fiducial Limits
for the Poisson Distribution", Biometrika 28, 437-442."""

MOST_MISSING = 0.025
"""Where more of the draws have no figure, an interval has no end on that side."""

_FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95% interval; an end that cannot be told is None."""

    value: float
    low: float | None
    high: float | None


def draw_units(count: int, draws: int, seed: int = 0) -> Numbers:
    """Draw units with replacement: how often each is drawn [shape=(draws, units)]."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(count, np.full(count, 1 / max(count, 1)), draws).astype(np.float64)


def share_estimate(value: float, drawn: Numbers, units: int) -> Estimate | None:
    """Return a share with its interval; None where it is undefined.

    Student's t with the bootstrap's standard error, as `harness.statistics.groups` has it; where
    no unit differs from any other, each counts as one observation of a Wilson interval.

    Parameters
    ----------
    drawn : array [shape=(draws,)]
        The share in each draw of units; NaN where it is undefined.
    units
        How many there are; below `MINIMUM_GROUPS` there is no interval.
    """
    if np.isnan(value):
        return None
    error = _error(drawn, units)
    if error is None:
        return Estimate(value, None, None)
    if error < _FLAT:
        return Estimate(value, *wilson(round(value * units), units))
    low, high, _ = judge_estimates(value, error, units, CONFIDENCE)
    return Estimate(value, max(float(low), 0.0), min(float(high), 1.0))


def rate_estimate(value: float, drawn: Numbers, units: int, hours: float) -> Estimate | None:
    """Return events an hour with their interval; None where the rate is undefined.

    As `share_estimate`, on square roots, whose spread does not grow with a rate. Draws without a
    rate (a recall that is not reached) are worse than any: with many the interval has no end.

    Parameters
    ----------
    hours
        That were listened to: without any event the rate may still be some.
    """
    if np.isnan(value):
        return None
    error = _error(np.sqrt(drawn), units)
    if error is None:
        return Estimate(value, None, None)
    least = NO_ALARM / hours if hours > 0 else None
    if error < _FLAT:
        return Estimate(value, 0.0, least) if value == 0 else Estimate(value, None, None)
    low, high, _ = judge_estimates(np.sqrt(value), error, units, CONFIDENCE)
    endless = np.isnan(drawn).mean() > MOST_MISSING
    return Estimate(value, max(float(low), 0.0) ** 2, None if endless else float(high) ** 2)


def _error(drawn: Numbers, units: int) -> float | None:
    """Return the bootstrap's standard error, scaled for few units; None where it has none."""
    known = drawn[np.isfinite(drawn)]
    if units < MINIMUM_GROUPS or len(known) < 2:
        return None
    return float(known.std(ddof=1) * np.sqrt(units / (units - 1)))
