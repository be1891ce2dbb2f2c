"""One way to draw: from signals to a raster, to planes, to pictures in colours or JPEGs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from harness.contracts import Improvement, Plot, Representation
from harness.errors import Inapplicable, PlanError
from harness.pictures.colours import Palette, colour, colour_table, expect_colours
from harness.pictures.encoding import decode_jpeg, encode_jpeg, fit_size
from harness.pictures.painted import Painted
from harness.pictures.planes import planes
from harness.values import Levels, Pictures, PictureSettings, Raster, Signals

BLOCK = 32
"""Clips worked on at a time.

Between 16 and 64 the time of a clip is the same within the noise of the measurement; below, the
fixed cost of a call shows, and above, the arrays between the steps fall out of the caches.
"""


def draw(raster: Raster, settings: PictureSettings) -> NDArray[np.uint8]:
    """Turn rasters into RGB pictures [shape=(clips, height, width, 3)]."""
    return colour(planes(raster, settings), colour_table(raster.scale, settings))


@dataclass(frozen=True)
class Drawing:
    """One way to turn signals into pictures: a representation, improvements, a size, colours."""

    representation: Representation
    improvements: tuple[Improvement, ...] = ()
    settings: PictureSettings = field(default_factory=PictureSettings)

    @property
    def title(self) -> str:
        """The names of its plugins: "mel+noise-removed"."""
        return "+".join(plugin.name for plugin in (self.representation, *self.improvements))

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
        expect_colours(self.settings)
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
        return self.improve(self.representation.raster(signals))

    def improve(self, raster: Raster) -> Raster:
        """Improve what the representation made of a batch of clips.

        Raises
        ------
        Inapplicable
            An improvement refuses it.
        """
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
        """Draw clips, to be coloured when asked for, and name each picture after its clip."""
        if self.plotted:
            return Pictures(self.pixels(signals), ids)
        drawn = []
        for block in _blocks(signals):
            raster = self.raster(block)
            drawn.append(planes(raster, self.settings))
        levels = drawn[0] if len(drawn) == 1 else np.concatenate(drawn)
        return Painted(Levels(levels, colour_table(raster.scale, self.settings)), ids)

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


def _blocks(signals: Signals) -> Iterator[Signals]:
    # No clips are one empty block, so that shapes and errors are those of any other batch.
    for start in range(0, max(len(signals), 1), BLOCK):
        yield Signals(signals.samples[start : start + BLOCK], signals.rate)
