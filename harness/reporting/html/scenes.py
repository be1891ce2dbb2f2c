"""What the report shows of clips: a gallery, mistakes of the choice, disagreements, sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from harness.analysis.disagreement import Answer, Disagreement, Judged, answers, find_disagreement
from harness.analysis.mistakes import Mistake, Mistakes, find_mistakes
from harness.analysis.redrawing import Redrawing
from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.errors import SightbenchError
from harness.planning.ways import has_picture
from harness.reporting.html.framed import Picture, framed
from harness.reporting.html.sounds import ROOM_BYTES, Sounds, collect_sounds
from harness.results.record import Record

CLIPS, COLUMNS, OF_EACH, MISTAKES = 12, 12, 6, 12
"""Clips and representations in the gallery; disagreements shown of each kind; mistakes."""
GALLERY, MISTAKEN, DISPUTED = "gallery", "mistakes", "disagreements"


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture, and what the best cell of its representation said of it."""

    picture: Picture
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class GalleryTable:
    """A row a clip, a column a representation with the classifier that speaks for it."""

    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, tuple[Scene, ...]], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """One clip that two cells judge differently, with their pictures."""

    clip: Judged
    first: Picture | None
    second: Picture | None


@dataclass(frozen=True, slots=True)
class Disputes:
    """The disagreements of two cells: what was found, and some clips of each kind."""

    found: Disagreement
    sections: tuple[tuple[str, int, tuple[Dispute, ...]], ...]


@dataclass(frozen=True, slots=True)
class Faults:
    """What the choice gets wrong: what was found, and the surest mistakes with their pictures."""

    found: Mistakes
    clips: tuple[tuple[Mistake, Picture | None], ...]


@dataclass(frozen=True, slots=True)
class Scenes:
    """All pictures and sounds of a report.

    Parameters
    ----------
    missing
        Why there are no pictures.
    """

    gallery: GalleryTable | None
    disputes: Disputes | None
    missing: str = ""
    faults: Faults | None = None
    sounds: Sounds = field(default_factory=Sounds)

    def places(self) -> list[tuple[str, list[str]]]:
        """Name the clips of each section, in the order of the page."""
        gallery = [id for id, _, _ in self.gallery.rows] if self.gallery else []
        mistakes = [each.id for each, _ in self.faults.clips] if self.faults else []
        disputes = self.disputes.sections if self.disputes else ()
        disputed = [each.clip.id for _, _, few in disputes for each in few]
        return [(GALLERY, gallery), (MISTAKEN, mistakes), (DISPUTED, disputed)]


def set_scenes(
    summary: Summary, source: Redrawing | None, why_not: str, clips: int, room: int = ROOM_BYTES
) -> Scenes:
    """Draw what the report shows; where that fails, say why and go on without pictures.

    Parameters
    ----------
    room
        Bytes that sounds may take; 0 for none.
    """
    scenes = _draw(summary, source, why_not, clips)
    if source is None or room == 0:
        return scenes
    return replace(scenes, sounds=collect_sounds(scenes.places(), source, room))


def _draw(summary: Summary, source: Redrawing | None, why_not: str, clips: int) -> Scenes:
    rows = [r for r in summary.ranked() if r.status == "ok" and not r.control]
    if summary.choice is not None:
        chosen = summary.choice.row.title
        rows.sort(key=lambda row: row.title != chosen)
    if not rows:
        return Scenes(None, None, "no cell has a result")
    found, wrong = _disagreement(summary, rows), _mistakes(summary, rows[0])
    if source is None:
        return Scenes(None, _disputes(found, None), why_not, _faults(wrong, None))
    if not any(has_picture(row.representation) for row in rows):
        none = "no classifier looked at pictures"
        return Scenes(None, _disputes(found, None), none, _faults(wrong, None))
    try:
        gallery = gallery_table(summary, rows, source, clips)
        return Scenes(gallery, _disputes(found, source), "", _faults(wrong, source))
    except SightbenchError as error:
        return Scenes(None, _disputes(found, None), str(error), _faults(wrong, None))


def gallery_table(
    summary: Summary, rows: Sequence[Row], source: Redrawing, clips: int
) -> GalleryTable:
    """Show some clips, half of them judged wrong by the best cell if there are so many."""
    best = {row.representation: row for row in reversed(rows)}
    shown = list(dict.fromkeys(row.representation for row in summary.rows if row.status == "ok"))
    shown = [name for name in shown if name in best and has_picture(name)]
    chosen = choose_clips(answers(summary.run, _first(rows[0])), clips)
    ids = [id for id, _ in chosen]
    columns = []
    for name in shown[:COLUMNS]:
        said = {id: answer for id, _, answer in answers(summary.run, _first(best[name]))}
        pictures = framed(source, name, ids)
        columns.append([Scene(p, said.get(i)) for i, p in zip(ids, pictures, strict=True)])
    return GalleryTable(
        tuple((name, best[name].classifier) for name in shown[:COLUMNS]),
        tuple(
            (id, label, tuple(column[place] for column in columns))
            for place, (id, label) in enumerate(chosen)
        ),
        max(len(shown) - COLUMNS, 0),
    )


def choose_clips(said: Sequence[tuple[str, str, Answer]], count: int) -> list[tuple[str, str]]:
    """Choose clips of all classes, at most half of them judged wrong; id and class of each."""
    wrong = _spread([(id, label) for id, label, answer in said if not answer.right], count // 2)
    right = [(id, label) for id, label, answer in said if answer.right]
    return [*_spread(right, count - len(wrong)), *wrong]


def _spread(clips: Sequence[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """Take clips from each class in turn, evenly over the holdout."""
    by_class: dict[str, list[tuple[str, str]]] = {}
    for clip in clips:
        by_class.setdefault(clip[1], []).append(clip)
    queues = []
    for name in sorted(by_class):
        places = np.linspace(0, len(by_class[name]) - 1, min(count, len(by_class[name])))
        queues.append([by_class[name][place] for place in places.astype(int).tolist()])
    turns = max(map(len, queues), default=0)
    mixed = [queue[turn] for turn in range(turns) for queue in queues if turn < len(queue)]
    return mixed[:count]


def _mistakes(summary: Summary, row: Row) -> Mistakes | None:
    try:
        return find_mistakes(summary.run, row, _first(row).cell.split)
    except SightbenchError:
        return None


def _faults(found: Mistakes | None, source: Redrawing | None) -> Faults | None:
    """Draw the surest mistakes."""
    if found is None:
        return None
    few = found.found[:MISTAKES]
    if source is None or not few or not has_picture(name := str(found.record.cell.representation)):
        return Faults(found, tuple((each, None) for each in few))
    pictures = framed(source, name, [each.id for each in few])
    return Faults(found, tuple(zip(few, pictures, strict=True)))


def _disagreement(summary: Summary, rows: Sequence[Row]) -> Disagreement | None:
    if len(rows) < 2:
        return None
    try:
        return find_disagreement(summary.run, rows[0], rows[1], rows[0].records[0].cell.split)
    except SightbenchError:
        return None


def _disputes(found: Disagreement | None, source: Redrawing | None) -> Disputes | None:
    if found is None:
        return None
    sections = []
    for title, clips in found.sections():
        few = clips[:OF_EACH]
        left = _pictures(source, found.first, few)
        right = _pictures(source, found.second, few)
        sections.append((title, len(clips), tuple(map(Dispute, few, left, right))))
    return Disputes(found, tuple(sections))


def _pictures(
    source: Redrawing | None, record: Record, clips: Sequence[Judged]
) -> Sequence[Picture | None]:
    if source is None or not clips or not has_picture(name := str(record.cell.representation)):
        return [None] * len(clips)
    return framed(source, name, [clip.id for clip in clips])


def _first(row: Row) -> Record:
    return min(row.records, key=lambda record: (record.cell.split, record.cell.seed))
