"""The waveform."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness import Axis, Raster, Representation, Signals, parameter


class Waveform(Representation):
    """The line of amplitude against time, from minimum to maximum in every column.

    The line joins the samples; each column is inked from the lowest to the highest point that the
    line reaches there, so that no peak is lost however many samples a column holds. Every channel
    is stretched from its own minimum to its own maximum; a constant one is a line at half height.
    """

    name = "waveform"
    axes = ("amplitude", "time")

    rows: int = parameter(224, "cells along amplitude, for each channel", low=3, high=4096)
    columns: int = parameter(224, "cells along time", low=1, high=16384)
    line: float = parameter(1.5, "thickness of the line, in rows", low=0.1, high=100)

    def raster(self, signals: Signals) -> Raster:
        """Return the inked share of each cell, 0 to 1."""
        clips, channels, n = signals.samples.shape
        samples = signals.samples.reshape(clips * channels, n)
        low, high = _reach(_stretched(samples), self.columns)
        ink = _ink(low, high, self.rows, min(self.line, self.rows))
        shares = (np.arange(self.rows) + 0.5) / self.rows
        times = (np.arange(self.columns) + 0.5) * n / signals.rate / self.columns
        return Raster(
            ink.reshape(clips, channels * self.rows, self.columns),
            Axis("amplitude", "share of the range", np.tile(shares, channels)),
            Axis("time", "s", times),
            "coverage",
        )


def _stretched(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Map each signal's range [shape=(signals, n)] to 0 to 1; a constant one to a half."""
    if not samples.shape[1]:
        return np.full((len(samples), 1), 0.5, np.float32)
    low = samples.min(axis=1, keepdims=True)
    span = samples.max(axis=1, keepdims=True).astype(np.float64) - low
    flat = span < np.finfo(np.float32).tiny
    shares = ((samples.astype(np.float64) - low) / np.where(flat, 1, span)).astype(np.float32)
    return np.where(flat, np.float32(0.5), shares)


def _reach(
    samples: NDArray[np.float32], columns: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the lowest and highest point of the line in every column [shape=(signals, columns)].

    A column reaches from one of its edges to the other: the line's height at both edges counts,
    and so does every sample between them.
    """
    n = samples.shape[1]
    edges = np.arange(columns + 1) * ((n - 1) / columns)
    left = np.minimum(edges.astype(np.intp), max(n - 2, 0))
    part = (edges - left).astype(np.float32)
    right = np.minimum(left + 1, n - 1)
    heights = samples[:, left] * (1 - part) + samples[:, right] * part
    low = np.minimum(heights[:, :-1], heights[:, 1:])
    high = np.maximum(heights[:, :-1], heights[:, 1:])
    first = np.minimum(np.ceil(edges[:-1]).astype(np.intp), n - 1)
    holds = np.append(first[1:], n) > first
    inner_low = np.minimum.reduceat(samples, first, axis=1)
    inner_high = np.maximum.reduceat(samples, first, axis=1)
    return (
        np.where(holds, np.minimum(low, inner_low), low),
        np.where(holds, np.maximum(high, inner_high), high),
    )


def _ink(
    low: NDArray[np.float32], high: NDArray[np.float32], rows: int, line: float
) -> NDArray[np.float32]:
    """Return the share of each cell between two heights, half a line's thickness added to both."""
    bottoms = low * np.float32(rows - line)
    tops = high * np.float32(rows - line) + np.float32(line)
    floors = np.arange(rows, dtype=np.float32)[:, None]
    ceilings = floors + 1
    shares = np.empty((len(low), rows, low.shape[1]), np.float32)
    # One signal at a time stays in the processor's cache; all at once would not.
    inner = np.empty(shares.shape[1:], np.float32)
    for bottom, top, share in zip(bottoms, tops, shares, strict=True):
        np.minimum(top, ceilings, out=share)
        share -= np.maximum(bottom, floors, out=inner)
        np.maximum(share, 0, out=share)
    return shares


plugins = [Waveform]
