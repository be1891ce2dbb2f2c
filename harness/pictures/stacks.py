"""Stacks: two or three ways to draw as the red, green and blue of one picture.

Each part is scaled by itself, to the same 256 levels that its own pictures have before they are
coloured. Nothing of a stack lies on disk: its album is gathered from those of its parts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from harness.columns.named import Named
from harness.columns.strings import Strings
from harness.contracts import Plugin
from harness.errors import Inapplicable
from harness.measuring.timing import Lap
from harness.pictures.album import Album
from harness.pictures.drawing import Drawing
from harness.pictures.encoding import encode_jpeg
from harness.pictures.gallery import Gallery
from harness.pictures.keys import drawing_key
from harness.pictures.storeroom import Contents, Found
from harness.values import Pictures, PictureSettings, Signals

CHANNELS = 3


@dataclass(frozen=True)
class StackedDrawing:
    """Two or three drawings of one size as the channels of one picture.

    The first is the red, the second the green, the third the blue; of two, the blue is zero.
    """

    parts: tuple[Drawing, ...]

    @property
    def settings(self) -> PictureSettings:
        """The size and colours of its parts, which are the same for all."""
        return self.parts[0].settings

    @property
    def title(self) -> str:
        """The names of its plugins: "stack(mel, mel+noise-removed)"."""
        return f"stack({', '.join(part.title for part in self.parts)})"

    @property
    def plotted(self) -> bool:
        """False: a stack never is a finished JPEG of a plugin's own."""
        return False

    def check(self) -> None:
        """Refuse, before anything runs, what could never be drawn.

        Raises
        ------
        Inapplicable
            A part makes finished pictures, or an improvement does not fit its representation.
        PlanError
            The size or the colours of the pictures make no sense.
        """
        for part in self.parts:
            if part.plotted:
                raise Inapplicable(
                    f"{part.title} makes finished pictures, which have no levels to be one channel "
                    "of a stack: choose representations such as spectrogram for its parts."
                )
            part.check()

    def pixels(self, signals: Signals) -> NDArray[np.uint8]:
        """Draw clips [shape=(clips, height, width, 3)].

        Raises
        ------
        Inapplicable
            A part refuses these signals.
        """
        return _channels([part.planes(signals) for part in self.parts])

    def pictures(self, signals: Signals, ids: tuple[str, ...]) -> Pictures:
        """Draw clips and name each picture after its clip."""
        return Pictures(self.pixels(signals), ids)

    def jpegs(self, signals: Signals, quality: int = 95) -> list[bytes]:
        """Draw clips as JPEGs."""
        return [encode_jpeg(picture, quality) for picture in self.pixels(signals)]


@dataclass(frozen=True, slots=True, eq=False)
class StackedAlbum:
    """The pictures of a stack for the clips of a run, in their order; read when asked for.

    Parameters
    ----------
    parts
        The albums of its parts, of the same clips.
    """

    parts: tuple[Album, ...]

    @property
    def ids(self) -> Strings:
        """The clip of each picture."""
        return self.parts[0].ids

    def __len__(self) -> int:
        return len(self.parts[0])

    def take(self, rows: Sequence[int]) -> StackedAlbum:
        """Return the album of some pictures, in the order given."""
        return StackedAlbum(tuple(part.take(rows) for part in self.parts))

    def hashes(self) -> Named[str]:
        """Return a hash of each picture, by clip id."""
        found = (part.hashes().texts for part in self.parts)
        return Named(self.ids, Strings.of(map(" ".join, zip(*found, strict=True))))

    def pictures(self, rows: Sequence[int]) -> Pictures:
        """Read some pictures [shape=(rows, height, width, 3)].

        Raises
        ------
        Spoilt
            A picture of a part is damaged or gone.
        """
        ids = tuple(self.ids[row] for row in rows)
        return Pictures(_channels([part.levels(rows) for part in self.parts]), ids)

    def batches(self, size: int = 64) -> Iterator[Pictures]:
        """Read all pictures in order, some at a time."""
        for start in range(0, len(self), size):
            yield self.pictures(range(start, min(start + size, len(self))))

    def sift(self) -> int:
        """Throw out the damaged chunks of all parts; return how many are no more."""
        return sum(part.sift() for part in self.parts)

    def laps(self) -> dict[str, list[Lap]]:
        """Return what drawing took: of each stage the sum of the parts; a clip is read once.

        Raises
        ------
        Spoilt
            A chunk is damaged or gone.
        """
        found = [part.laps() for part in self.parts]
        stages = dict.fromkeys(stage for laps in found for stage in laps)
        return {
            stage: found[0].get(stage, [])
            if stage == "load"
            else summed([laps[stage] for laps in found if stage in laps])
            for stage in stages
        }


AnyDrawing = Drawing | StackedDrawing
AnyAlbum = Album | StackedAlbum


def drawings_of(way: AnyDrawing) -> tuple[Drawing, ...]:
    """Return the parts of a stack; of a drawing, itself."""
    return way.parts if isinstance(way, StackedDrawing) else (way,)


def plugins_of(way: AnyDrawing) -> tuple[Plugin, ...]:
    """Return every plugin that draws."""
    return tuple(
        plugin
        for drawing in drawings_of(way)
        for plugin in (drawing.representation, *drawing.improvements)
    )


def way_key(way: AnyDrawing) -> str:
    """Name a drawing or a stack by all that its pictures depend on but the clip."""
    if isinstance(way, Drawing):
        return drawing_key(way)
    parts = ["stack", *map(drawing_key, way.parts)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def are_kept(gallery: Gallery, way: AnyDrawing, contents: Contents) -> bool:
    """Say whether a gallery has the pictures of all these clips."""
    there = (gallery.places(drawing_key(part)).find(contents) for part in drawings_of(way))
    return all(bool((rows >= 0).all()) for rows in there)


def gather(
    gallery: Gallery,
    way: AnyDrawing,
    ids: Sequence[str],
    contents: Contents,
    known: Mapping[str, Found] = MappingProxyType({}),
) -> AnyAlbum:
    """Gather the pictures of some clips, all of which must be there.

    Parameters
    ----------
    known
        Where those of some drawings lie, by key, as it was found a moment ago.

    Raises
    ------
    Spoilt
        A picture is missing.
    """
    keys = map(drawing_key, drawings_of(way))
    albums = tuple(gallery.album(key, ids, contents, known.get(key)) for key in keys)
    return StackedAlbum(albums) if isinstance(way, StackedDrawing) else albums[0]


def summed(parts: Sequence[Sequence[Lap]]) -> list[Lap]:
    """Add what the parts of a stack took, clip by clip: the quick with the quick.

    Which batch a clip was in differs from part to part, so the seconds a clip are put in order
    and added: totals, medians and other quantiles are then the sums of those of the parts.
    """
    each = [
        np.sort(np.repeat([lap.seconds / lap.clips for lap in laps], [lap.clips for lap in laps]))
        for laps in ([lap for lap in laps if lap.clips > 0] for laps in parts)
    ]
    each = [seconds for seconds in each if len(seconds)]
    count = max(map(len, each), default=0)
    # Another run may have drawn other clips along in one of the parts.
    shares = np.linspace(0, 1, count)
    total = sum((np.quantile(seconds, shares) for seconds in each), np.zeros(count))
    hosts = sorted({lap.host for laps in parts for lap in laps} - {""})
    return [
        Lap(float(seconds), 1, hosts[row % len(hosts)] if hosts else "")
        for row, seconds in enumerate(total)
    ]


def _channels(levels: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    pixels = np.zeros((*levels[0].shape, CHANNELS), np.uint8)
    for channel, plane in enumerate(levels):
        pixels[..., channel] = plane
    return pixels
