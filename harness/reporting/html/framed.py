"""Pictures of clips as data URIs, with what their axes mean."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.analysis.redrawing import Pixels, Redrawing
from harness.pictures.encoding import encode_jpeg
from harness.reporting.sheets.axes import Ticks
from harness.values import Axis

LARGEST_PX, QUALITY = 224, 85
SHOWN_PX = 128
"""Pictures are shown no smaller; labels of ticks have room for it."""


@dataclass(frozen=True, slots=True)
class Side:
    """One axis beside a picture: its name and unit, and ticks in percent from its low end."""

    title: str = ""
    ticks: tuple[tuple[float, str], ...] = ()

    @classmethod
    def of(cls, axis: Axis | None) -> Side:
        """Choose ticks."""
        found = Ticks.of(axis, SHOWN_PX)
        places = (round(100 * (place + 0.5) / SHOWN_PX, 2) for place in found.places)
        return cls(found.title, tuple(zip(places, found.labels, strict=True)))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a data URI, its size (what is known before it loads does not jump), its axes."""

    uri: str
    width: int
    height: int
    rows: Side = field(default_factory=Side)
    columns: Side = field(default_factory=Side)


def framed(source: Redrawing, representation: str, ids: Sequence[str]) -> list[Picture]:
    """Draw some clips in one way, and know what the axes of each mean."""
    pixels = _small(source.draw(representation, ids))
    axes = source.axes(representation, ids)
    return [embed(each, *map(Side.of, pair)) for each, pair in zip(pixels, axes, strict=True)]


def embed(pixels: Pixels, rows: Side | None = None, columns: Side | None = None) -> Picture:
    """Encode a picture as a JPEG that stands in the page itself."""
    encoded = encode_jpeg(np.ascontiguousarray(pixels), quality=QUALITY)
    uri = f"data:image/jpeg;base64,{base64.b64encode(encoded).decode()}"
    return Picture(uri, pixels.shape[1], pixels.shape[0], rows or Side(), columns or Side())


def _small(pictures: Sequence[Pixels]) -> list[Pixels]:
    """Shrink pictures whose longer side is above `LARGEST_PX`."""
    import cv2

    small = []
    for pixels in pictures:
        ratio = LARGEST_PX / max(pixels.shape[:2])
        if ratio < 1:
            size = None
            shrunk = cv2.resize(pixels, size, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
            pixels = np.asarray(shrunk, np.uint8)
        small.append(pixels)
    return small
