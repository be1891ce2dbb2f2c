"""A fixed split into training and holdout clips, with folds inside training: saved, hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from harness.clips.collection import Collection
from harness.clips.spans import clusters, overlapping
from harness.columns.column import BLOCK
from harness.columns.named import Named, named
from harness.columns.strings import Strings
from harness.errors import SplitError
from harness.files.documents import filled, written


@dataclass(frozen=True)
class Split:
    """Which clips train and which are held out.

    Parameters
    ----------
    kind
        As written, with all parameters: "blocked[block=1000,holdout=800,seed=0,train=1400]".
    train, holdout
        Clip ids, in the order of the dataset.
    folds
        The fold of each training clip, from 0; empty where there are none.
    contents
        The content hash of each clip of either side, by id.
    dropped
        Training clips left out because the holdout has the same clip, or one that overlaps it.
    units
        What each holdout clip was drawn with (its group, its block), by id; empty where clips
        were drawn one by one. Statistics draw whole units.
    remarks
        What a person should know of how it came out: a share that was missed, a class left out.
    """

    kind: str
    train: Sequence[str]
    holdout: Sequence[str]
    folds: tuple[int, ...]
    contents: Mapping[str, str]
    dropped: int = 0
    units: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for side in ("train", "holdout"):
            object.__setattr__(self, side, Strings.of(getattr(self, side)))
        object.__setattr__(self, "contents", named(self.contents))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel with each id once, where the contents are those of both sides in order."""
        contents = named(self.contents)
        rest = (self.folds, self.dropped, self.units, self.remarks)
        if self._in_order:
            return _again, (self.kind, len(self.train), contents, *rest)
        parts = (self.kind, self.train, self.holdout, self.folds, contents, *rest[1:])
        return Split, parts

    @property
    def fold_count(self) -> int:
        """How many folds the training side has."""
        return len(set(self.folds))

    @property
    def each_once(self) -> bool:
        """Say whether the splits of this kind hold every clip out once: figures are pooled."""
        return self.kind.partition("[")[0] in ("folds", "inside")

    def digest(self) -> str:
        """Hash the sides, folds and contents: two runs of one digest are comparable."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        """Hash the sides as JSON: names sorted, nothing between."""
        digest = hashlib.sha256(f'{{"dropped": {json.dumps(self.dropped)}'.encode())
        for side in ("holdout", "train"):
            digest.update(f', "{side}": ['.encode())
            for number, columns in enumerate(self._columns(side)):
                names = sorted(columns)
                row = "{" + ", ".join(f'"{name}": %s' for name in names) + "}"
                text = ", ".join(filled(row, [columns[name] for name in names]))
                digest.update(f"{', ' if number else ''}{text}".encode())
            digest.update(b"]")
        digest.update(b"}")
        return digest.hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Write the split as plain values."""
        return {
            **self._head(),
            "train": list(self._rows("train")),
            "holdout": list(self._rows("holdout")),
            "dropped": self.dropped,
        }

    def written(self) -> Iterator[str]:
        """Write the split as the text of `to_json`, some clips at a time."""
        head = written(self._head())
        yield f"{head[:-2]},"
        for side in ("train", "holdout"):
            yield f'\n "{side}": ['
            empty = True
            for columns in self._columns(side):
                row = "\n  {\n   " + ",\n   ".join(f'"{name}": %s' for name in columns) + "\n  }"
                text = ",".join(filled(row, columns.values(), ascii=False))
                yield text if empty else f",{text}"
                empty = False
            yield "]," if empty else "\n ],"
        yield f'\n "dropped": {json.dumps(self.dropped)}\n}}'

    def _head(self) -> dict[str, Any]:
        about = {"schema": 1, "kind": self.kind, "digest": self.digest()}
        return {**about, "remarks": list(self.remarks)}

    def _rows(self, side: str) -> Iterator[dict[str, Any]]:
        """Give what is written of each clip of a side."""
        for columns in self._columns(side):
            for row in zip(*columns.values(), strict=True):
                yield dict(zip(columns, row, strict=True))

    def _columns(self, side: str) -> Iterator[dict[str, Sequence[str | int | None]]]:
        """Give what is written of the clips of a side, by name, some clips at a time."""
        clips, first = (self.train, 0) if side == "train" else (self.holdout, len(self.train))
        for start in range(0, len(clips), BLOCK):
            ids = list(clips[start : start + BLOCK])
            rows = slice(first + start, first + start + len(ids))
            texts = named(self.contents).texts
            contents = list(texts[rows] if self._in_order else self.hashes(ids))
            if side == "train":
                dealt = self.folds[start : start + len(ids)] or [None] * len(ids)
                yield {"id": ids, "content": contents, "fold": dealt}
            else:
                yield {"id": ids, "content": contents, "unit": list(map(self.units.get, ids))}

    @cached_property
    def _in_order(self) -> bool:
        """Say whether the contents stand in the order of the training clips, then the holdout."""
        sides = Strings.joined([Strings.of(self.train), Strings.of(self.holdout)])
        return named(self.contents).names == sides

    def hashes(self, ids: Sequence[str]) -> Sequence[str]:
        """Return the content hash of some clips."""
        return named(self.contents).pick(ids)

    @classmethod
    def from_json(cls, values: Mapping[str, Any], where: str = "the split") -> Split:
        """Read a split back.

        Raises
        ------
        SplitError
            It is of another schema, damaged, or was edited after it was made.
        """
        try:
            if values["schema"] != 1:
                raise SplitError(
                    f"{where} has schema {values['schema']!r}; this sightbench reads 1."
                )
            train, holdout = values["train"], values["holdout"]
            folds = tuple(row["fold"] for row in train if row["fold"] is not None)
            if len(folds) not in (0, len(train)):
                raise ValueError("some clips have a fold and some have none")
            split = cls(
                kind=str(values["kind"]),
                train=Strings.of(row["id"] for row in train),
                holdout=Strings.of(row["id"] for row in holdout),
                folds=folds,
                contents=named({row["id"]: row["content"] for row in (*train, *holdout)}),
                dropped=int(values["dropped"]),
                units={row["id"]: row["unit"] for row in holdout if row["unit"] is not None},
                remarks=tuple(map(str, values.get("remarks", ()))),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SplitError(f"{where} is not a split of sightbench ({error!r}).") from None
        if split.digest() != values.get("digest"):
            raise SplitError(
                f"{where} was changed after it was made: its digest does not match. Make it again."
            )
        return split


def _again(kind: str, train: int, contents: Named[str], *rest: Any) -> Split:
    folds, *others = rest
    ids = contents.names
    return Split(kind, ids[:train], ids[train:], folds, contents, *others)


def read_split(path: Path) -> Split:
    """Read a saved split.

    Raises
    ------
    SplitError
        There is no such file, or it is not a sound split.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SplitError(f"There is no split {path}. `sightbench split` makes one.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SplitError(f"{path} cannot be read as a split: {error}.") from None
    if not isinstance(values, dict):
        raise SplitError(f"{path} is not a split of sightbench.")
    return Split.from_json(values, str(path))


def verify(split: Split, collection: Collection) -> None:
    """Refuse a split that does not fit the data.

    Raises
    ------
    SplitError
        Clips are missing or hold something else, or the sides share a clip.
    """
    wanted = named(split.contents)
    rows = collection.ids.places(wanted.names)
    missing = wanted.names.take(np.flatnonzero(rows < 0))
    there = np.flatnonzero(rows >= 0)
    now, then = collection.contents.texts.take(rows[there]), wanted.texts.take(there)
    unlike = [place for place, pair in enumerate(zip(now, then, strict=True)) if len({*pair}) > 1]
    changed = wanted.names.take(there[unlike])
    problems = []
    if missing:
        problems.append(f"{len(missing)} of its clips are not in the data ({_some(missing)})")
    if changed:
        problems.append(f"{len(changed)} clips hold other samples now ({_some(changed)})")
    shared = np.flatnonzero(Strings.of(split.train).places(split.holdout) >= 0)
    both = {split.holdout[row] for row in shared.tolist()}
    if both:
        problems.append(f"{len(both)} clips are on both sides ({_some(sorted(both))})")
    twins = _straddling(split)
    if twins and not both:
        problems.append(
            f"{len(twins)} clips have a copy on the other side ({_some(sorted(twins))})"
        )
    problems += _overlaps(split, collection)
    if problems:
        raise SplitError(
            f"The split does not fit {collection.dataset.name}: " + "; ".join(problems) + ". "
            "Use the data that it was made for, or make a new split."
        )


def _straddling(split: Split) -> set[str]:
    held = Strings.of(split.hashes(split.holdout))
    twins = np.flatnonzero(held.places(split.hashes(split.train)) >= 0)
    return {split.train[row] for row in twins.tolist()}


def _overlaps(split: Split, collection: Collection) -> Iterator[str]:
    """Say where windows that overlap were parted."""
    if not collection.cut:
        return
    ids = collection.ids
    train, holdout = (collection.rows_of(side).tolist() for side in (split.train, split.holdout))
    shared = overlapping(collection.entries, train, holdout)
    if shared:
        across = [ids[row] for row in sorted(shared)]
        yield f"{len(across)} training clips overlap a held-out one ({_some(across)})"
    folds = dict(zip(split.train, split.folds, strict=False))
    parted = [
        ids[together[0]]
        for together in clusters(collection.entries, train)
        if len({folds.get(ids[row]) for row in together}) > 1
    ]
    if parted:
        yield f"{len(parted)} runs of overlapping clips are in several folds ({_some(parted)})"


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
