"""Rasters become pictures: normalised, resized, 256 levels, then coloured, JPEG or PNG."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.colours import LEVELS, Palette, colour, colour_table
from harness.contracts import Improvement, Plot, Representation
from harness.errors import Inapplicable, PlanError
from harness.values import Pictures, PictureSettings, Raster, Signals

BLOCK = 32
"""Clips worked on at a time.

Between 16 and 64 the time of a clip is the same within the noise of the measurement; below, the
fixed cost of a call shows, and above, the arrays between the steps fall out of the caches.
"""

LARGEST_EXPONENT = 100
"""Of the power of two that a clip's range may be without danger to float32 arithmetic."""


def planes(raster: Raster, settings: PictureSettings) -> NDArray[np.uint8]:
    """Turn rasters into pictures of 256 levels, without colours.

    Each clip is stretched from its own minimum to its own maximum, as matplotlib's ``pcolormesh``
    does by default; "coverage" has the fixed range 0 to 1. A clip that is the same everywhere
    becomes level 0 everywhere. Level ``k`` stands for shares ``k / 256 <= x < (k + 1) / 256`` of
    the range, as in matplotlib's ``Colormap``.

    Parameters
    ----------
    raster
        Values [shape=(clips, rows, columns)].
    settings
        The size of the pictures in pixels.

    Returns
    -------
    array [shape=(clips, height, width)], uint8
        Row 0 is the top of the picture, which is the last row of the raster.

    Raises
    ------
    Inapplicable
        A value is NaN or infinite, or the raster has no cells.
    """
    if 0 in raster.values.shape[1:]:
        raise Inapplicable(f"A raster of {raster.values.shape[1:]} rows and columns has no cells.")
    levels = np.empty((len(raster), settings.height, settings.width), np.uint8)
    if not len(raster):
        return levels
    lows = raster.values.min(axis=(1, 2)).astype(np.float64)
    highs = raster.values.max(axis=(1, 2)).astype(np.float64)
    # A NaN anywhere is in the minimum and an infinity is in one of the two, so the whole
    # raster need not be looked through again.
    finite = np.isfinite(lows) & np.isfinite(highs)
    if not finite.all():
        raise Inapplicable(
            f"Clip {int(np.argmin(finite))} of the batch has a {raster.rows.name} against "
            f"{raster.columns.name} raster with values that are not finite numbers, and those "
            "cannot be drawn: look for NaN in the recording, or for an improvement that "
            "divides by zero."
        )
    if raster.scale == "coverage":
        lows, highs = np.zeros_like(lows), np.ones_like(highs)
    room = np.empty((settings.height, settings.width), np.float32)
    for clip, low, high, level in zip(raster.values, lows, highs, levels, strict=True):
        _quantise(clip, float(low), float(high), room, level)
    return levels


def _quantise(
    clip: NDArray[np.float32],
    low: float,
    high: float,
    room: NDArray[np.float32],
    levels: NDArray[np.uint8],
) -> None:
    """Write one clip's levels [shape=(height, width)]; `room`, of that shape, is worked in."""
    import cv2

    span = high - low
    if span < np.finfo(np.float32).tiny:
        levels[...] = 0
        return
    exponent = math.frexp(span)[1]
    if abs(exponent) > LARGEST_EXPONENT:
        clip, low = np.ldexp(clip, -exponent), math.ldexp(low, -exponent)
        span = math.ldexp(span, -exponent)
    # OpenCV rounds to even and saturates; minus a half, that is the floor, and 256 becomes 255.
    resized = _resized(clip[::-1] - np.float32(low), room)
    cv2.convertScaleAbs(resized, dst=levels, alpha=LEVELS / span, beta=-0.5)


def _resized(values: NDArray[np.float32], room: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shrink by areas, so that no cell is skipped; grow by straight lines, to the size of `room`.

    Growing by nearest neighbours would keep the cells' edges, but 129 rows on 224 pixels make
    cells of one and of two pixels in turn: a pattern of the picture's size, not of the signal,
    that gradients (HOG) and JPEG both pick up.
    """
    import cv2

    resized: NDArray[Any] = values
    (rows, columns), (height, width) = values.shape, room.shape
    if height < rows or width < columns:
        size = (min(width, columns), min(height, rows))
        resized = cv2.resize(resized, size, interpolation=cv2.INTER_AREA)
    if (height, width) != resized.shape:
        resized = cv2.resize(resized, (width, height), room, interpolation=cv2.INTER_LINEAR)
    return resized


def draw(raster: Raster, settings: PictureSettings) -> NDArray[np.uint8]:
    """Turn rasters into RGB pictures [shape=(clips, height, width, 3)]."""
    return colour(planes(raster, settings), colour_table(raster.scale, settings))


def encode_jpeg(pixels: NDArray[np.uint8], quality: int = 95) -> bytes:
    """Return one RGB picture [shape=(height, width, 3)] as the bytes of a JPEG.

    Colour is kept at half the resolution (4:2:0), as Pillow and matplotlib do by default.
    """
    import simplejpeg

    encoded: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=quality, colorsubsampling="420"
    )
    return encoded


def decode_jpeg(encoded: bytes) -> NDArray[np.uint8]:
    """Return the pixels [shape=(height, width, 3)] of a JPEG."""
    import simplejpeg

    pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(encoded, colorspace="RGB")
    return pixels


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return one RGB picture [shape=(height, width, 3)] as the bytes of a PNG."""
    import cv2

    _, encoded = cv2.imencode(".png", pixels[..., ::-1])
    return bytes(encoded)


@dataclass(frozen=True)
class Drawing:
    """One way to turn signals into pictures: a representation, improvements, a size, colours."""

    representation: Representation
    improvements: tuple[Improvement, ...] = ()
    settings: PictureSettings = field(default_factory=PictureSettings)

    @property
    def plotted(self) -> bool:
        """True where the representation makes finished JPEGs itself: no raster, no planes."""
        return isinstance(self.representation, Plot)

    def check(self) -> None:
        """Refuse, before anything runs, what could never be drawn.

        Raises
        ------
        Inapplicable
            An improvement needs an axis that the representation does not have.
        PlanError
            The size or the colours of the pictures make no sense.
        """
        colour_table("power", self.settings)
        if min(self.settings.height, self.settings.width) < 1:
            raise PlanError(
                f"A picture of {self.settings.width} x {self.settings.height} pixels has no "
                "pixels: height and width are at least 1."
            )
        for improvement in self.improvements:
            self._check_improvement(improvement)

    def _check_improvement(self, improvement: Improvement) -> None:
        rows, columns = self.representation.axes
        if self.plotted:
            raise Inapplicable(
                f"{improvement.name} cannot be put on {self.representation.name}, which makes "
                "finished pictures: put it on a representation such as spectrogram."
            )
        missing = [axis for axis in improvement.needs if axis not in (rows, columns)]
        if missing:
            raise Inapplicable(
                f"{improvement.name} needs a {missing[0]} axis, and {self.representation.name} "
                f"draws {rows} against {columns}: put it on a representation that has one, "
                "such as spectrogram."
            )

    def raster(self, signals: Signals) -> Raster:
        """Represent a batch of clips, then improve it.

        Raises
        ------
        Inapplicable
            The representation or an improvement refuses these signals.
        """
        raster = self.representation.raster(signals)
        for improvement in self.improvements:
            raster = improvement.improve(raster)
        return raster

    def planes(self, signals: Signals) -> NDArray[np.uint8]:
        """Draw clips in 256 levels [shape=(clips, height, width)], in blocks of `BLOCK`."""
        drawn = [planes(self.raster(block), self.settings) for block in _blocks(signals)]
        return drawn[0] if len(drawn) == 1 else np.concatenate(drawn)

    def table(self, signals: Signals) -> NDArray[np.uint8]:
        """Return the colours of the levels [shape=(256, 3)] of pictures of signals like these."""
        first = Signals(signals.samples[:1], signals.rate)
        return colour_table(self.raster(first).scale, self.settings)

    def pixels(self, signals: Signals) -> NDArray[np.uint8]:
        """Draw clips in colours [shape=(clips, height, width, 3)], in blocks of `BLOCK`."""
        pixels = np.empty((len(signals), self.settings.height, self.settings.width, 3), np.uint8)
        done = 0
        for block in _blocks(signals):
            pixels[done : done + len(block)] = self._drawn(block)
            done += len(block)
        return pixels

    def _drawn(self, block: Signals) -> NDArray[np.uint8]:
        if isinstance(self.representation, Plot):
            encoded = self.representation.jpegs(block)
            return np.stack(
                [
                    fit_size(decode_jpeg(each), self.settings.height, self.settings.width)
                    for each in encoded
                ]
            )
        return draw(self.raster(block), self.settings)

    def pictures(self, signals: Signals, ids: tuple[str, ...]) -> Pictures:
        """Draw clips in colours and name each picture after its clip."""
        return Pictures(self.pixels(signals), ids)

    def jpegs(self, signals: Signals, quality: int = 95) -> list[bytes]:
        """Draw clips as JPEGs; a plot gives its own, in the size and quality that it chooses."""
        encoded: list[bytes] = []
        for block in _blocks(signals):
            if isinstance(self.representation, Plot):
                encoded += self.representation.jpegs(block)
            else:
                encoded += _encode_block(self.raster(block), self.settings, quality)
        return encoded


def _encode_block(raster: Raster, settings: PictureSettings, quality: int) -> list[bytes]:
    """Colour and encode one picture after the other, so that only one needs memory in colours."""
    levels = planes(raster, settings)
    palette = Palette.of(colour_table(raster.scale, settings), levels.shape[1:])
    picture = np.empty((*levels.shape[1:], 3), np.uint8)
    encoded = []
    for plane in levels:
        palette.paint(plane, picture)
        encoded.append(encode_jpeg(picture, quality))
    return encoded


def fit_size(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Shrink or stretch one picture [shape=(any, any, 3)] to a height and width (pixels)."""
    import cv2

    fitted = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(fitted, np.uint8)


def _blocks(signals: Signals) -> Iterator[Signals]:
    # No clips are one empty block, so that shapes and errors are those of any other batch.
    for start in range(0, max(len(signals), 1), BLOCK):
        yield Signals(signals.samples[start : start + BLOCK], signals.rate)
