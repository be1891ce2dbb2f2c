"""Checks of representations and improvements: what they draw, and of what alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np

from harness.conformance import examples
from harness.conformance.asking import attempt, clip_bytes, draw
from harness.conformance.checks import check
from harness.conformance.subject import Subject
from harness.conformance.verdicts import not_applicable, require
from harness.contracts import Improvement, Plot, Plugin, Representation
from harness.errors import ConformanceError, SightbenchError, one_line
from harness.values import Raster, Signals

Drawn = TypeVar("Drawn")

BOTH = ("representation", "improvement")
OTHER_RATES = (500.0, 4000.0, 16000.0, 44100.0, 96000.0)
"""Sampling rates (Hz) that a clip may well have."""

_FLOAT_ERROR = 1e-4
"""How far a share may be above 1, or a power below 0 relative to its peak, by rounding."""


@check(*BOTH, remedy="Return Raster(values, rows, columns, scale), one raster a clip.")
def shape(subject: Subject) -> None:
    """One raster a clip, float32, with rows and columns."""
    signals = examples.assorted(rate=subject.rate)
    drawn = subject.draw(signals)
    if isinstance(subject.plugin, Plot):
        whole = all(isinstance(each, bytes) and each[:2] == b"\xff\xd8" for each in drawn)  # type: ignore[union-attr]
        require(len(drawn) == len(signals) and whole, "jpegs() gives not one JPEG a clip.")
        return
    require(isinstance(drawn, Raster), f"It returns {type(drawn).__name__}, not a Raster.")
    assert isinstance(drawn, Raster)
    require(len(drawn) == len(signals), f"{len(signals)} clips give {len(drawn)} rasters.")
    require(drawn.values.dtype == np.float32, f"Its values are {drawn.values.dtype}.")
    require(min(drawn.values.shape) > 0, f"Its raster is empty: {drawn.values.shape}.")


@check(*BOTH, remedy="Give Axis(name, unit, points) the value at each row or column, in order.")
def axes(subject: Subject) -> None:
    """Axes that ascend, are finite, have a name and a unit, and are the declared ones."""
    drawn = _raster(subject, examples.assorted(rate=subject.rate))
    for axis, what in ((drawn.rows, "rows"), (drawn.columns, "columns")):
        require(bool(axis.name and axis.unit), f"The axis of the {what} lacks a name or a unit.")
        require(bool(np.isfinite(axis.points).all()), f"The axis of the {what} is not finite.")
        ascends = bool((np.diff(axis.points) > 0).all())
        require(ascends, f"The points of the {what} do not ascend ({axis.name}).")
    if isinstance(subject.plugin, Representation):
        given = (drawn.rows.name, drawn.columns.name)
        declared = subject.plugin.axes
        require(given == declared, f"It declares axes = {declared}, its raster has {given}.")


@check(*BOTH, remedy="Guard divisions and logarithms, e.g. np.log10(np.maximum(x, tiny)).")
def finite(subject: Subject) -> None:
    """Only finite values, and such as their scale allows."""
    _look_at_values(_raster(subject, examples.assorted(rate=subject.rate)))


@check(*BOTH, remedy="Work on a copy: values.copy(), never in place.")
def input_unchanged(subject: Subject) -> None:
    """The arrays given stay as they were."""
    samples = examples.assorted(rate=subject.rate).samples.copy()
    before = samples.copy()
    if isinstance(subject.plugin, Improvement):
        base = examples.spectrogram(Signals(samples, subject.rate))
        values = base.values.copy()
        kept = values.copy()
        subject.plugin.improve(Raster(values, base.rows, base.columns, base.scale))
        require(np.array_equal(values, kept), "improve() changed the raster that it was given.")
        return
    subject.draw(Signals(samples, subject.rate))
    require(np.array_equal(samples, before), "It changed the samples that it was given.")


@check(*BOTH, remedy="A clip may be silent: avoid dividing by its peak or deviation.")
def silence(subject: Subject) -> None:
    """A silent clip is drawn, in finite values."""
    _look_at_values(subject.draw(examples.silence(rate=subject.rate)))


@check(*BOTH, remedy="Do not assume that samples lie within -1 and 1.")
def clipping(subject: Subject) -> None:
    """A clip at and far beyond full scale is drawn, in finite values."""
    wave = np.sign(examples.tone(0.05 * subject.rate, rate=subject.rate).samples)
    loud = np.concatenate([wave, 1000 * wave])
    _look_at_values(subject.draw(Signals(loud, subject.rate)))


@check(*BOTH, remedy="Fill a short clip up with zeros, or raise Inapplicable with a reason.")
def one_sample(subject: Subject) -> None:
    """A clip of one sample is drawn or refused clearly."""
    _drawn_or_refused(subject, Signals(np.full((2, 1, 1), 0.5, np.float32), subject.rate))


@check(*BOTH, remedy="Fill a short clip up with zeros, or raise Inapplicable with a reason.")
def very_short(subject: Subject) -> None:
    """Clips of 2 to 50 samples are drawn or refused clearly."""
    for n in (2, 3, 16, 50):
        signals = Signals(
            examples.noise(2, rate=1000.0, seconds=1.0).samples[..., :n], subject.rate
        )
        _drawn_or_refused(subject, signals)


@check(*BOTH, remedy="Do not allocate more than a few times the size of the clip.")
def very_long(subject: Subject) -> None:
    """A clip of 100,000 samples is drawn or refused clearly."""
    _drawn_or_refused(subject, examples.noise(1, rate=subject.rate, seconds=1e5 / subject.rate))


@check(*BOTH, remedy="Compute lengths from signals.rate; raise Inapplicable where one is too low.")
def other_rates(subject: Subject) -> None:
    """Clips of other sampling rates are drawn or refused clearly."""
    for rate in OTHER_RATES:
        _drawn_or_refused(subject, examples.noise(2, rate=rate, seconds=0.5))


@check(*BOTH, remedy="Stack the channels as rows of one raster, or raise Inapplicable.")
def channels(subject: Subject) -> None:
    """Clips of two channels are drawn, with the rows of both, or refused clearly."""
    rate = subject.rate
    both = _drawn_or_refused(subject, examples.noise(2, rate=rate, channels=2))
    one = attempt(subject.plugin, examples.noise(2, rate=rate))
    if isinstance(both, Raster) and isinstance(one, Raster):
        rows = (len(one.rows), len(both.rows))
        require(rows[1] == 2 * rows[0], f"One channel gives {rows[0]} rows, two give {rows[1]}.")


@check(*BOTH, remedy="Reduce over the axes of rows and columns only, never over axis 0.")
def batch_size(subject: Subject) -> None:
    """Any batch size gives the same bytes."""
    signals = examples.assorted(rate=subject.rate)
    whole = clip_bytes(subject.draw(signals))
    for size in (1, 2, 3):
        parts: list[bytes] = []
        for start in range(0, len(signals), size):
            batch = Signals(signals.samples[start : start + size], signals.rate)
            parts += clip_bytes(subject.draw(batch))
        require(parts == whole, f"Batches of {size} give other values than one of {len(whole)}.")


@check(*BOTH, remedy="Compute every clip from itself alone: no mean, peak or norm of the batch.")
def one_clip_only(subject: Subject) -> None:
    """A changed neighbour changes nothing."""
    signals = examples.assorted(rate=subject.rate)
    before = clip_bytes(subject.draw(signals))
    changed = signals.samples.copy()
    changed[1::2] *= 50
    after = clip_bytes(subject.draw(Signals(changed, signals.rate)))
    require(after[::2] == before[::2], "A clip comes out otherwise when its neighbours change.")


@check(*BOTH, remedy="Use no random numbers, no clock, and keep no state between calls.")
def repeatable(subject: Subject) -> None:
    """The same clips again give the same bytes."""
    signals = examples.assorted(rate=subject.rate)
    first = clip_bytes(subject.draw(signals))
    subject.draw(examples.noise(2, rate=subject.rate, seed=5))
    require(clip_bytes(subject.draw(signals)) == first, "A second call gives other values.")


@check(*BOTH, remedy="Raise Inapplicable (or another error of harness.errors) with a sentence.")
def refuses_clearly(subject: Subject) -> None:
    """Extreme parameters and rasters of another sort are taken or refused clearly."""
    signals = examples.noise(2, rate=subject.rate, seconds=0.5)
    for variant in _extremes(subject.plugin):
        _taken_or_refused(str(variant), partial(draw, variant, signals))
    if isinstance(subject.plugin, Improvement):
        for raster in _other_rasters(subject.plugin, signals):
            what = f"a raster of {raster.rows.name} in {raster.scale}"
            drawn = _taken_or_refused(what, partial(subject.plugin.improve, raster))
            if drawn is not None:
                _look_at_values(drawn)


def _extremes(plugin: Plugin) -> list[Plugin]:
    """Set each parameter to its declared limits and choices."""
    variants = []
    for each in dataclasses.fields(plugin):
        limits = (each.metadata.get("low"), each.metadata.get("high"))
        for value in (*limits, *each.metadata.get("choices", ())):
            if value is None:
                continue
            try:
                variants.append(dataclasses.replace(plugin, **{each.name: value}))
            except SightbenchError:
                continue
    return variants


def _other_rasters(plugin: Improvement, signals: Signals) -> list[Raster]:
    power = examples.spectrogram(signals)
    levels = 10 * np.log10(np.maximum(power.values, 1e-12))
    rasters = [Raster(levels, power.rows, power.columns, "db")]
    if "frequency" not in plugin.needs:
        rasters.append(examples.envelope(signals))
    return rasters


def _taken_or_refused(what: str, act: Callable[[], Drawn]) -> Drawn | None:
    """Return what is drawn, or None where it is refused in words."""
    try:
        return act()
    except SightbenchError as error:
        require(len(str(error).split()) >= 3, f"{what}: refused with {str(error)!r} only.")
        return None
    except Exception as error:
        raise ConformanceError(f"{what}: raised {one_line(error)}") from error


def _raster(subject: Subject, signals: Signals) -> Raster:
    if isinstance(subject.plugin, Plot):
        not_applicable("it makes finished pictures, which have no axes and values")
    return subject.raster(signals)


def _drawn_or_refused(subject: Subject, signals: Signals) -> Raster | list[bytes] | None:
    what = f"clips of {signals.samples.shape[2]} samples at {signals.rate:g} Hz"
    drawn = _taken_or_refused(what, partial(draw, subject.plugin, signals))
    if isinstance(drawn, Raster):
        require(len(drawn) == len(signals), f"{what}: {len(drawn)} rasters of {len(signals)}.")
        _look_at_values(drawn)
    return drawn


def _look_at_values(drawn: Raster | list[bytes]) -> None:
    if not isinstance(drawn, Raster):
        return
    values = drawn.values
    bad = int((~np.isfinite(values)).sum())
    require(bad == 0, f"{bad} of {values.size} values are not finite.")
    if not values.size:
        return
    if drawn.scale == "coverage":
        inside = values.min() >= 0 and values.max() <= 1 + _FLOAT_ERROR
        require(bool(inside), f"Coverage lies between {values.min():g} and {values.max():g}.")
    if drawn.scale == "power":
        least = values.min() / max(float(values.max()), np.finfo(np.float32).tiny)
        require(bool(least >= -_FLOAT_ERROR), f"Power is negative ({values.min():g}).")


CHECKS = (
    shape,
    axes,
    finite,
    input_unchanged,
    silence,
    clipping,
    one_sample,
    very_short,
    very_long,
    other_rates,
    channels,
    batch_size,
    one_clip_only,
    repeatable,
    refuses_clearly,
)
