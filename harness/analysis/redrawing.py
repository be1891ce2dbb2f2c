"""Pictures of a finished run's clips, drawn again: from the cache, else from the dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray

from harness.clips.blocks import content_hash
from harness.clips.collection import list_entries
from harness.contracts import Dataset
from harness.errors import DatasetError, SightbenchError, StoreError, one_line
from harness.pictures.encoding import decode_jpeg
from harness.pictures.gallery import Gallery
from harness.pictures.stacks import AnyDrawing, StackedDrawing, are_kept, gather, plugins_of
from harness.planning.plan import Plan, make_plan, with_path
from harness.planning.ways import has_picture, parse_ways
from harness.registry.discovery import Plugins
from harness.registry.resolution import resolve_drawing
from harness.results.predictions import read_clips
from harness.results.record import Record
from harness.results.store import Run
from harness.values import Axis, Clip, Entry, Missing, Signals

Pixels = NDArray[np.uint8]
KEPT_BYTES = 4_000_000
"""A clip of no more stays in memory: it is drawn in several ways, and heard."""


@dataclass(slots=True)
class Redrawing:
    """Draws clips of one run as the run drew them.

    Parameters
    ----------
    run, plugins, gallery
        The run; the plugins that its plan names; where drawn pictures are kept.
    path
        The dataset's path, where it has moved since.
    """

    run: Run
    plugins: Plugins
    gallery: Gallery
    path: str | None = None
    _plan: Plan | None = field(default=None, init=False)
    _records: list[Record] | None = field(default=None, init=False)
    _contents: dict[str, str] = field(default_factory=dict, init=False)
    _dataset: Dataset | None = field(default=None, init=False)
    _entries: dict[str, Entry] = field(default_factory=dict, init=False)
    _clips: dict[str, Clip] = field(default_factory=dict, init=False)

    def clip(self, id: str) -> Clip:
        """Read a clip as the run read it.

        Raises
        ------
        SightbenchError
            The dataset cannot be reached, or the clip holds something else now.
        """
        return self._read(id, self._contents_of([id])[0])

    def draw(self, representation: str, ids: Sequence[str]) -> list[Pixels]:
        """Draw some clips in one way; an array [shape=(height, width, 3)] a clip.

        Raises
        ------
        SightbenchError
            The dataset cannot be reached, holds something else now, or a plugin of the run is
            missing or of another version.
        """
        drawing = self._drawing(representation)
        contents = self._contents_of(ids)
        if are_kept(self.gallery, drawing, contents):
            try:
                album = gather(self.gallery, drawing, ids, contents)
                return list(album.pictures(range(len(ids))).pixels)
            except (SightbenchError, OSError, ValueError):
                pass  # a damaged cache is no reason to have no pictures
        clips = [self._read(id, content) for id, content in zip(ids, contents, strict=True)]
        try:
            return [_draw(drawing, clip) for clip in clips]
        except Exception as error:  # a stranger's plugin
            raise StoreError(
                f"{representation} cannot be drawn again: {one_line(error)}"
            ) from error

    def axes(
        self, representation: str, ids: Sequence[str]
    ) -> list[tuple[Axis | None, Axis | None]]:
        """Return what the rows and columns of each picture stand for.

        None where that is not known: of a plot, which draws axes itself or has none, of a stack
        whose parts each have their own, and where the dataset cannot be reached.
        """
        drawing = self._drawing(representation)
        if drawing.plotted:
            return [(None, None)] * len(ids)
        try:
            contents = self._contents_of(ids)
            return [self._axes(drawing, *each) for each in zip(ids, contents, strict=True)]
        except SightbenchError:
            return [(None, None)] * len(ids)

    def _axes(self, drawing: AnyDrawing, id: str, content: str) -> tuple[Axis | None, Axis | None]:
        clip = self._read(id, content)
        signals = Signals(clip.samples[None], clip.rate)
        parts = drawing.parts if isinstance(drawing, StackedDrawing) else (drawing,)
        try:
            rasters = [part.raster(signals) for part in parts]
        except Exception as error:  # a stranger's plugin
            raise StoreError(f"{drawing.title} cannot be drawn again: {one_line(error)}") from error
        return _shared([each.rows for each in rasters]), _shared([e.columns for e in rasters])

    def _drawing(self, representation: str) -> AnyDrawing:
        if not has_picture(representation):
            raise StoreError(
                f"{representation} has no picture to show: no clip is drawn for it alone."
            )
        way = parse_ways(representation, self.plugins.catalogue.is_improvement)[0]
        _, drawing = resolve_drawing(self.plugins.catalogue, way, self._read_plan())
        if isinstance(drawing, Missing):
            raise StoreError(f"{representation} cannot be drawn again: {drawing.reason}")
        self._check_versions(representation, drawing)
        return drawing

    def _check_versions(self, representation: str, drawing: AnyDrawing) -> None:
        """Refuse to pass off new pictures as those that a classifier saw."""
        plugins = plugins_of(drawing)
        if self._records is None:
            self._records = self.run.records()
        for record in self._records:
            if str(record.cell.representation) != representation:
                continue
            for plugin in plugins:
                then = record.versions.get(plugin.name, plugin.version)
                if then != plugin.version:
                    raise StoreError(
                        f"{representation} cannot be drawn as in {self.run.name}: the run had "
                        f"{plugin.name} version {then}, here is {plugin.version}. Run it again."
                    )

    def _read_plan(self) -> Plan:
        if self._plan is None:
            choices = self.run.plan().choices()
            plan = make_plan(choices, self.plugins.catalogue.is_improvement)
            self._plan = plan if self.path is None else with_path(plan, self.path)
        return self._plan

    def _contents_of(self, ids: Sequence[str]) -> list[str]:
        if not self._contents:
            file = self.run.folder / "clips.csv"
            try:
                self._contents = {id: content for id, _, _, content in read_clips(file)}
            except (OSError, ValueError) as error:
                raise StoreError(f"{file} cannot be read: {error}.") from None
        missing = [id for id in ids if id not in self._contents]
        if missing:
            raise StoreError(f"{self.run.name} has no clip {missing[0]!r}.")
        return [self._contents[id] for id in ids]

    def _read(self, id: str, content: str) -> Clip:
        if id not in self._clips:
            clip = self._read_anew(id, content)
            if clip.samples.nbytes > KEPT_BYTES:
                return clip
            self._clips[id] = clip
        return self._clips[id]

    def _read_anew(self, id: str, content: str) -> Clip:
        if self._dataset is None:
            spec = self._read_plan().dataset
            dataset = cast(Dataset, self.plugins.catalogue.build("dataset", spec))
            self._entries = {entry.id: entry for entry in list_entries(dataset)}
            self._dataset = dataset
        if id not in self._entries:
            raise DatasetError(f"{self._dataset.name} has no clip {id!r} any more.")
        try:
            clip = self._dataset.read(self._entries[id])
        except Exception as error:  # a stranger's reader
            raise DatasetError(
                f"The clip {id!r} cannot be read again: {one_line(error)}."
            ) from error
        if content_hash(clip) != content:
            raise DatasetError(
                f"The clip {id!r} of {self._dataset.name} holds other samples than in "
                f"{self.run.name}; its picture would not be the one that was judged."
            )
        return clip


def _shared(axes: Sequence[Axis]) -> Axis | None:
    """Return the axis that all parts of a picture have, if they have one."""
    first, *others = axes
    for each in others:
        if (each.name, each.unit) != (first.name, first.unit) or not _equal(each, first):
            return None
    return first


def _equal(one: Axis, other: Axis) -> bool:
    return len(one) == len(other) and bool(np.allclose(one.points, other.points))


def _draw(drawing: AnyDrawing, clip: Clip) -> Pixels:
    signals = Signals(clip.samples[None], clip.rate)
    if drawing.plotted:
        return decode_jpeg(drawing.jpegs(signals)[0])
    return np.asarray(drawing.pixels(signals)[0])
