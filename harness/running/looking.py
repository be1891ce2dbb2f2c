"""What a classifier looks at that is no picture: clips read again, as signals or as rasters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness.clips.collection import BLOCK as CLIPS_A_BLOCK
from harness.contracts import Dataset, LocalClassifier, RasterClassifier
from harness.measuring.timing import Lap, Stopwatch
from harness.pictures.drawing import Drawing
from harness.pictures.stacks import AnyAlbum, AnyDrawing
from harness.running.checks import check_alone, check_raster
from harness.running.drawing import batches, check_contents
from harness.values import Entry, Missing, Pictures, Raster, Signals

Seen = Pictures | Raster | Signals
"""A batch of what classifiers look at."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """The clips of a run themselves, in their order; read again when asked for.

    Parameters
    ----------
    dataset, entries
        Reads them.
    contents
        The content hash of each, from when it was read first.
    drawing
        Makes rasters of them; None where the signals themselves are looked at.
    """

    dataset: Dataset
    entries: tuple[Entry, ...]
    contents: tuple[str, ...]
    drawing: Drawing | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The clips."""
        return tuple(entry.id for entry in self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def laps(self) -> dict[str, list[Lap]]:
        """Return what was spent on them before: nothing, they are read anew."""
        return {}

    def batches(self, watch: Stopwatch) -> Iterator[tuple[list[int], Raster | Signals]]:
        """Read all clips, in batches of one shape and rate.

        Parameters
        ----------
        watch
            Times the stages "load" and "represent".

        Yields
        ------
        The places of some clips, and their signals or rasters in that order.

        Raises
        ------
        DatasetError
            A clip holds other samples than when it was read first.
        PluginError
            The representation or an improvement breaks its contract.
        """
        checked = False
        for start in range(0, len(self), CLIPS_A_BLOCK):
            block = slice(start, start + CLIPS_A_BLOCK)
            entries = self.entries[block]
            with watch.stage("load", len(entries)):
                clips = [self.dataset.read(entry) for entry in entries]
            check_contents(entries, clips, self.contents[block])
            for rows in batches(clips):
                samples = np.stack([clips[row].samples for row in rows])
                signals = Signals(samples, clips[rows[0]].rate)
                places = [start + row for row in rows]
                if self.drawing is None:
                    yield places, signals
                    continue
                with watch.stage("represent", len(rows)):
                    raster = self.drawing.raster(signals)
                check_raster(self.drawing.title, raster, signals)
                if not checked:
                    check_alone(self.drawing, raster, signals)
                    checked = True
                yield places, raster


LookedAt = AnyAlbum | Recordings


def seen_in(source: LookedAt, watch: Stopwatch) -> Iterator[tuple[Sequence[int], Seen]]:
    """Give all that a classifier is to look at, in batches, with the places of the clips."""
    if isinstance(source, Recordings):
        yield from source.batches(watch)
        return
    done = 0
    for pictures in source.batches():
        yield range(done, done + len(pictures)), pictures
        done += len(pictures)


def last_of(seen: Seen) -> Seen:
    """Return the last clip of a batch, alone."""
    if isinstance(seen, Pictures):
        return Pictures(seen.pixels[-1:], seen.ids[-1:])
    if isinstance(seen, Raster):
        return Raster(seen.values[-1:], seen.rows, seen.columns, seen.scale)
    return Signals(seen.samples[-1:], seen.rate)


def shown_to(classifier: LocalClassifier, seen: Seen) -> np.ndarray:
    """Let a classifier compute its features of a batch of what it looks at."""
    return np.asarray(classifier.features(seen))  # type: ignore[attr-defined]


def hashes_of(seen: Raster | Signals) -> list[str]:
    """Hash what is seen of each clip, to find what is the same on both sides of a split."""
    values = seen.values if isinstance(seen, Raster) else seen.samples
    return [
        hashlib.blake2b(np.ascontiguousarray(each).data, digest_size=12).hexdigest()
        for each in values
    ]


def cannot_see(classifier: object, drawing: AnyDrawing) -> Missing | None:
    """Say why a classifier cannot look at what a drawing makes, or None."""
    if not isinstance(classifier, RasterClassifier):
        return None
    if isinstance(drawing, Drawing) and not drawing.plotted:
        return None
    what = "makes finished pictures" if isinstance(drawing, Drawing) else "is made of several"
    title = drawing.title if isinstance(drawing, Drawing) else "a stack"
    return Missing(
        f"{classifier.name} looks at rasters, and {title} {what}: it has no raster. Give "
        f"{classifier.name} a representation such as spectrogram."
    )
