"""What a classifier looks at that is no picture: clips read again, as signals or as rasters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.clips.blocks import BLOCK as CLIPS_A_BLOCK
from harness.clips.entries import Entries
from harness.columns.named import Named
from harness.columns.strings import Strings
from harness.contracts import Dataset, LocalClassifier, RasterClassifier
from harness.measuring.timing import Lap, Stopwatch
from harness.pictures.drawing import Drawing
from harness.pictures.stacks import AnyAlbum, AnyDrawing
from harness.running.blocks import batches, check_contents
from harness.running.checks import (
    check_alone,
    check_features,
    check_raster,
    check_same_features,
    check_width,
)
from harness.running.features import space
from harness.values import Features, Missing, Raster, Signals

HASH_BYTES = 12
Seen = Raster | Signals
"""A batch of what such classifiers look at."""


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
    entries: Entries
    contents: Strings
    drawing: Drawing | None = None

    @property
    def ids(self) -> Strings:
        """The clips."""
        return self.entries.ids

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


def look_at(
    classifier: LocalClassifier, source: Recordings, watch: Stopwatch, scratch: Path
) -> tuple[Features, Named[str]]:
    """Compute what a classifier learns from, once for all folds and splits.

    Returns
    -------
    The features of all clips in order, and a hash of what was seen of each, by id.
    """
    values: NDArray[Any] | None = None
    first: Sequence[int] = ()
    hashes = np.zeros(len(source), f"S{2 * HASH_BYTES}")
    for places, seen in source.batches(watch):
        with watch.stage("features", len(places)):
            part = shown_to(classifier, seen)
        check_features(classifier.name, part, len(places))
        if values is None:
            _check_first(classifier, seen, part)
            values = space((len(source), *part.shape[1:]), part.dtype, scratch)
            first = places
        pair = (source.ids[first[0]], source.ids[places[0]])
        check_width(classifier.name, values.shape[1:], part.shape[1:], pair)
        values[places] = part
        hashes[places] = hashes_of(seen)
    found = Features(np.empty((0, 0)) if values is None else values, tuple(source.ids))
    return found, Named(source.ids, Strings.of_bytes(hashes))


def _check_first(classifier: LocalClassifier, seen: Seen, part: NDArray[Any]) -> None:
    """Compute the features of a clip of the first batch again, alone."""
    if len(seen) > 1:
        alone = shown_to(classifier, last_of(seen))
        check_features(classifier.name, alone, 1)
        check_same_features(classifier.name, alone[0], part[-1])


def last_of(seen: Seen) -> Seen:
    """Return the last clip of a batch, alone."""
    if isinstance(seen, Raster):
        return Raster(seen.values[-1:], seen.rows, seen.columns, seen.scale)
    return Signals(seen.samples[-1:], seen.rate)


def shown_to(classifier: LocalClassifier, seen: Seen) -> NDArray[Any]:
    """Let a classifier compute its features of a batch of what it looks at."""
    return np.asarray(classifier.features(seen))  # type: ignore[attr-defined]


def hashes_of(seen: Seen) -> list[str]:
    """Hash what is seen of each clip, to find what is the same on both sides of a split."""
    values = seen.values if isinstance(seen, Raster) else seen.samples
    return [
        hashlib.blake2b(np.ascontiguousarray(each).data, digest_size=HASH_BYTES).hexdigest()
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
