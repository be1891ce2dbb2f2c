"""Remove the noise that goes through the whole clip."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import Axis, Improvement, Raster, decibels, parameter
from plugins.improvements.axes import channels_of, row_median, spacing

GATE_DEVIATIONS = 1.5
"""Standard deviations above the noise floor at which the gate opens (noisereduce's default)."""

FADED = 0.15
"""What is left of a level after the running mean's `memory_s` (Baumgartner and Mussoline)."""

LEAST_PROGRESS = 1e-4
"""Share of its first step at which total variation's search ends."""


class NoiseRemoved(Improvement):
    """Subtract, from every frequency, the level that it has through the clip.

    All methods are defined on levels, so a raster of linear power is turned into decibels
    below the clip's peak first (at most 80), and the result is in decibels.

    - ``median``: each row minus its median over time.
    - ``running-mean``: each row minus a mean that follows it with a delay. It starts at the row's
      mean over the clip; after each column, ``mean = (1 - e) * mean + e * level`` with ``e = 1 -
      exp(ln(0.15) / T)``, T being `memory_s` in columns. The paper's memory of 60 s is far longer
      than a clip of 2 s, hence the default of 1 s.
    - ``gating``: each row minus its mean, multiplied by a mask that is open where the level is
      more than 1.5 standard deviations above that mean; the mask is smoothed with triangles of
      `smooth_hz` and `smooth_s` to each side, and nothing stays below the mean. noisereduce
      smooths over 500 Hz, which is half of all there is in a recording of 2 kHz.
    - ``total-variation``: each row minus its median, then the picture u nearest to what is left, f,
      that changes little from cell to cell: the least of ``sum |gradient u| + sum (u - f)² / (2
      weight_db)``. Specks go, edges stay sharp.

    ``floor_db=0`` then keeps only what stands above the noise: the lower half of the picture's
    levels, which says how far below it each cell lies, is not drawn.

    References
    ----------
    Running mean: M. F. Baumgartner and S. E. Mussoline, "A generalized baleen whale call detection
    and classification system", J. Acoust. Soc. Am. 129 (2011), 2889. Gating: T. Sainburg,
    noisereduce, https://github.com/timsainb/noisereduce, there on the signal, here on its picture.
    Total variation: A. Chambolle, "An algorithm for total variation minimization and
    applications", J. Math. Imaging and Vision 20 (2004), 89;
    ``skimage.restoration.denoise_tv_chambolle``.
    """

    name = "noise-removed"
    needs = ("frequency", "time")

    method: str = parameter(
        "median",
        "what counts as noise",
        choices=("median", "running-mean", "gating", "total-variation"),
    )
    memory_s: float = parameter(
        1.0, "memory of running-mean", unit="s", low=0.001, search=(0.25, 0.5, 1.0, 2.0)
    )
    smooth_hz: float = parameter(30.0, "reach of gating's mask", unit="Hz", low=0)
    smooth_s: float = parameter(0.05, "reach of gating's mask", unit="s", low=0)
    weight_db: float = parameter(
        5.0, "smoothing of total-variation", unit="dB", low=0.01, search=(2.5, 5.0, 10.0)
    )
    floor_db: float | None = parameter(
        None, "levels below it are raised to it; none: all are kept", unit="dB", search=(None, 0.0)
    )

    def improve(self, raster: Raster) -> Raster:
        """Return levels (dB) above each frequency's own noise."""
        levels = decibels(raster.values) if raster.scale == "power" else raster.values
        if self.method == "median":
            cleaned = levels - row_median(levels)
        elif self.method == "running-mean":
            cleaned = _above_running_mean(levels, self.memory_s / spacing(raster.columns))
        elif self.method == "total-variation":
            cleaned = _least_variation(
                levels - row_median(levels), channels_of(raster.rows), self.weight_db
            )
        else:
            cleaned = self._gated(levels, raster.rows, raster.columns)
        if self.floor_db is not None:
            np.maximum(cleaned, np.float32(self.floor_db), out=cleaned)
        return Raster(cleaned, raster.rows, raster.columns, "db")

    def _gated(self, levels: NDArray[np.float32], rows: Axis, columns: Axis) -> NDArray[np.float32]:
        above: NDArray[np.float32] = levels - levels.mean(axis=2, keepdims=True)
        clips, _, width = levels.shape
        variance = np.einsum("crw,crw->cr", above, above)[:, :, None] / np.float32(width)
        opened = above > np.float32(GATE_DEVIATIONS) * np.sqrt(variance)
        # Channels lie on top of each other; the mask of one must not leak into the next.
        mask = opened.astype(np.float32).reshape(clips * channels_of(rows), -1, width)
        mask = _smoothed(mask, self.smooth_hz / spacing(rows), self.smooth_s / spacing(columns))
        np.maximum(above, 0, out=above)
        above *= mask.reshape(levels.shape)
        return above


def _above_running_mean(levels: NDArray[np.float32], memory: float) -> NDArray[np.float32]:
    share = np.float32(1 - np.exp(np.log(FADED) / memory))
    mean = levels.mean(axis=2)
    cleaned = np.empty_like(levels)
    for column in range(levels.shape[2]):
        cleaned[:, :, column] = levels[:, :, column] - mean
        mean = (1 - share) * mean + share * levels[:, :, column]
    return cleaned


def _least_variation(
    levels: NDArray[np.float32], channels: int, weight: float
) -> NDArray[np.float32]:
    """Smooth rasters [shape=(clips, channels * rows, columns)], each channel by itself."""
    from skimage import restoration

    smoothed: Any = restoration.denoise_tv_chambolle  # without types
    clips, _, columns = levels.shape
    each = levels.reshape(clips * channels, -1, columns)
    smooth = np.empty_like(each)
    for channel, found in zip(each, smooth, strict=True):
        found[...] = smoothed(channel.astype(np.float64), weight=weight, eps=LEAST_PROGRESS)
    return smooth.reshape(levels.shape)


def _smoothed(masks: NDArray[np.float32], rows: float, columns: float) -> NDArray[np.float32]:
    """Smooth masks [shape=(masks, rows, columns)]; past their ends they go on as they end."""
    import cv2

    across = _triangle(columns, masks.shape[2])
    along = _triangle(rows, masks.shape[1])
    smoothed = np.empty(masks.shape, np.float32)
    for mask, smooth in zip(masks, smoothed, strict=True):
        cv2.sepFilter2D(mask, -1, across, along, smooth, borderType=cv2.BORDER_REPLICATE)
    return smoothed


def _triangle(reach: float, most: int) -> NDArray[np.float32]:
    """Return weights that fall to nothing just past a reach, and sum to one."""
    # A reach beyond the raster's end could not change more than the whole raster does.
    side = min(int(reach), most)
    weights = np.concatenate([np.arange(1, side + 2), np.arange(side, 0, -1)])
    return np.asarray(weights / weights.sum(), dtype=np.float32)


plugins = [NoiseRemoved]
