"""A picture with its axes: ticks in the units of the raster, "0 to 1000 Hz", "0 to 2 s"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from harness.analysis.redrawing import Pixels, Redrawing
from harness.reporting.sheets.clips import plain
from harness.values import Axis

if TYPE_CHECKING:
    from PIL.Image import Image as Sheet

LEFT_PX, BELOW_PX, TOP_PX, TICK_PX = 44, 28, 4, 4
"""Room for the labels at the left and below, half a line above, the length of a tick."""
MOST_TICKS, LETTER_PX, APART_PX, MOST_PIECES = 5, 7, 10, 4
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Ticks:
    """Where ticks stand on an axis.

    Parameters
    ----------
    places
        Pixels from the axis' low end.
    labels
        What is written at each.
    title
        The name and unit of the axis; empty where nothing is known.
    """

    places: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    title: str = ""

    @classmethod
    def of(cls, axis: Axis | None, length_px: int) -> Ticks:
        """Choose round values; an axis that falls or stands still shows only its name.

        The pixels are shared out evenly over the points, whatever the values are: on a mel axis
        the ticks lie where their frequencies do. Where channels are stacked the points begin anew
        with each, and so do the ticks.
        """
        if axis is None or len(axis) == 0:
            return cls()
        title = f"{axis.name} ({axis.unit})" if axis.unit else axis.name
        points = np.asarray(axis.points, np.float64)
        pieces = np.split(points, np.flatnonzero(np.diff(points) <= 0) + 1)
        if len(pieces) > MOST_PIECES or min(map(len, pieces)) < 2 or not np.isfinite(points).all():
            return cls(title=title)
        places: list[int] = []
        labels: list[str] = []
        begun = 0
        for piece in pieces:
            start, end = (length_px * at // len(points) for at in (begun, begun + len(piece)))
            values = _apart(round_values(float(piece[0]), float(piece[-1])), piece, end - start)
            places += [start + _place(value, piece, end - start) for value in values]
            labels += [f"{value:g}" for value in values]
            begun += len(piece)
        return cls(tuple(places), tuple(labels), title)


def round_values(low: float, high: float) -> list[float]:
    """Return a few round values from low to high."""
    rough = (high - low) / MOST_TICKS
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(each * power for each in _ROUND if each * power >= rough * (1 - 1e-9))
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    return [float(round(number * step, 12)) + 0.0 for number in np.arange(first, last + 1)]


def _place(value: float, points: NDArray[np.float64], length_px: int) -> int:
    """Interpolate between the middles of rows: the first point is the middle of its own pixel."""
    at = np.interp(value, points, (np.arange(len(points)) + 0.5) / len(points))
    return round(float(at) * (length_px - 1))


def _apart(values: list[float], points: NDArray[np.float64], length_px: int) -> list[float]:
    """Leave out values whose labels would touch, as on a mel axis' low end."""
    kept: list[float] = []
    apart = APART_PX + LETTER_PX * max((len(f"{value:g}") for value in values), default=0)
    for value in values:
        place = _place(value, points, length_px)
        if not kept or place - _place(kept[-1], points, length_px) >= min(apart, length_px // 3):
            kept.append(value)
    return kept


def frame(pixels: Pixels, rows: Ticks, columns: Ticks) -> Pixels:
    """Put a picture on white, its rows' ticks at the left and its columns' below."""
    from PIL import Image, ImageDraw, ImageFont

    if not rows.title and not columns.title:
        return pixels
    height, width = pixels.shape[:2]
    sheet = Image.new("RGB", (LEFT_PX + width + TOP_PX, TOP_PX + height + BELOW_PX), "white")
    sheet.paste(Image.fromarray(pixels), (LEFT_PX, TOP_PX))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(10)
    for place, label in zip(rows.places, rows.labels, strict=True):
        y = TOP_PX + height - 1 - place
        pen.line((LEFT_PX - TICK_PX, y, LEFT_PX - 1, y), "black")
        pen.text((LEFT_PX - TICK_PX - 1, y), label, "black", font, anchor="rm")
    bottom = TOP_PX + height
    for place, label in zip(columns.places, columns.labels, strict=True):
        x = LEFT_PX + place
        pen.line((x, bottom, x, bottom + TICK_PX - 1), "black")
        pen.text((x, bottom + TICK_PX), label, "black", font, anchor="mt")
    _write_titles(sheet, rows.title, columns.title)
    return np.asarray(sheet, np.uint8)


def draw_framed(source: Redrawing, representation: str, ids: Sequence[str]) -> list[Pixels]:
    """Draw some clips in one way, each picture with its axes where they are known.

    Raises
    ------
    SightbenchError
        They cannot be drawn again.
    """
    axes = source.axes(representation, ids)
    return [
        frame(pixels, Ticks.of(rows, pixels.shape[0]), Ticks.of(columns, pixels.shape[1]))
        for pixels, (rows, columns) in zip(source.draw(representation, ids), axes, strict=True)
    ]


def _write_titles(sheet: Sheet, rows: str, columns: str) -> None:
    """Write the columns' title below, and the rows' title upright at the left."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(10)
    ends = (sheet.width // 2, sheet.height - 1)
    ImageDraw.Draw(sheet).text(ends, plain(columns), "black", font, anchor="mb")
    upright = Image.new("L", (sheet.height - BELOW_PX, 12), 0)
    ImageDraw.Draw(upright).text((upright.width // 2, 11), plain(rows), 255, font, anchor="mb")
    sheet.paste((0, 0, 0), (0, 0), upright.rotate(90, expand=True))
