"""The pictures of a split as files in folders, for any other tool; written by workers."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.clips.collection import Collection
from harness.clips.splits import Split
from harness.errors import PlanError, StoreError
from harness.files.whole import whole_folder, write_whole
from harness.pictures.encoding import encode_jpeg, encode_png
from harness.pictures.naming import folder_names, picture_name, pixel_hash
from harness.pictures.stacks import AnyAlbum
from harness.registry.resolution import Resolved
from harness.results.predictions import shield
from harness.results.store import Run
from harness.running.drawing import draw
from harness.running.options import Session
from harness.running.preparation import Ready, make_splits
from harness.running.reading import collect_clips
from harness.running.workers import Lost
from harness.values import Missing

MANIFEST = "manifest.csv"
HEADS = ("path", "id", "label", "side", "fold", "content", "picture")
PICTURES_A_TASK = 256
ENCODERS = {"png": encode_png, "jpeg": encode_jpeg}
SUFFIXES = {"png": ".png", "jpeg": ".jpg"}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: pictures a side, and how each class's folder is called."""

    train: int
    holdout: int
    folders: dict[str, str]


@dataclass(frozen=True, slots=True)
class WritingTask:
    """Pictures that a worker is to write.

    Parameters
    ----------
    rows
        Of the album.
    paths
        Where each goes, inside `folder`.
    """

    album: AnyAlbum
    rows: tuple[int, ...]
    paths: tuple[str, ...]
    folder: Path
    kind: str


def write_block(task: WritingTask) -> list[str]:
    """Write some pictures, each whole; return the hash of each one's pixels."""
    hashes = []
    pictures = task.album.pictures(task.rows)
    for pixels, path in zip(pictures.pixels, task.paths, strict=True):
        write_whole(task.folder / path, ENCODERS[task.kind](pixels), durable=False)
        hashes.append(pixel_hash(pixels))
    return hashes


def export(resolved: Resolved, folder: Path, kind: str, session: Session) -> Exported:
    """Write the pictures of a plan's one representation and first split, and their manifest.

    The folder appears whole or not at all.

    Raises
    ------
    PlanError
        There are several representations, or this one cannot be drawn.
    StoreError
        The folder is there already, or cannot be written.
    """
    if len(resolved.drawings) != 1:
        raise PlanError(
            f"{len(resolved.drawings)} representations are chosen; pictures of one are exported "
            "into one folder: name one, -r."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is there already: give the name of a new folder.")
    collection = collect_clips(resolved.dataset, session)
    split = make_splits(resolved.plan, collection)[0]
    # Whatever the plan's classifiers look at, pictures are asked for.
    resolved = dataclasses.replace(resolved, classifiers={})
    (album,) = draw(Ready(resolved, collection, (split,), Run(folder), {}), session).values()
    if isinstance(album, Missing):
        raise PlanError(f"{next(iter(resolved.drawings))}: {album.reason}")
    try:
        with whole_folder(folder.resolve()) as beside:
            return _write(beside, album, split, collection, kind, session)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error}. Free some space.") from None


def _write(
    folder: Path, album: AnyAlbum, split: Split, collection: Collection, kind: str, session: Session
) -> Exported:
    labels = collection.labels
    folders = folder_names(labels[id] for id in split.contents)
    sides = {**dict.fromkeys(split.train, "train"), **dict.fromkeys(split.holdout, "holdout")}
    paths = {
        id: f"{side}/{folders[labels[id]]}/{picture_name(id)}{SUFFIXES[kind]}"
        for id, side in sides.items()
    }
    hashes = _write_pictures(folder, album, paths, kind, session)
    folds = dict(zip(split.train, split.folds or [""] * len(split.train), strict=True))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADS)
    for id, side in sides.items():
        named = (paths[id], id, labels[id], side, str(folds.get(id, "")))
        writer.writerow([shield(each) for each in (*named, split.contents[id], hashes[id])])
    write_whole(folder / MANIFEST, text.getvalue())
    return Exported(len(split.train), len(split.holdout), folders)


def _write_pictures(
    folder: Path, album: AnyAlbum, paths: dict[str, str], kind: str, session: Session
) -> dict[str, str]:
    """Write pictures in workers; return the hash of each one's pixels, by id."""
    tasks = list(_tasks(folder, album, paths, kind))
    session.observer.stage("writing pictures", len(paths))
    hashes: dict[str, str] = {}
    for task, done in zip(tasks, session.workers.in_order(write_block, tasks), strict=True):
        if isinstance(done, Lost):
            raise StoreError(f"Pictures could not be written: {done.reason}.")
        session.observer.advance(len(task.rows))
        hashes.update(zip((album.ids[row] for row in task.rows), done, strict=True))
    return hashes


def _tasks(
    folder: Path, album: AnyAlbum, paths: dict[str, str], kind: str
) -> Iterator[WritingTask]:
    rows = [row for row, id in enumerate(album.ids) if id in paths]
    for start in range(0, len(rows), PICTURES_A_TASK):
        block = tuple(rows[start : start + PICTURES_A_TASK])
        names = tuple(paths[album.ids[row]] for row in block)
        yield WritingTask(album, block, names, folder, kind)
