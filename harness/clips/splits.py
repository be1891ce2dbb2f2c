"""A fixed split into training and holdout clips, with folds inside training: saved, hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.clips.collection import Collection
from harness.clips.spans import clusters, overlapping
from harness.errors import SplitError


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
    train: tuple[str, ...]
    holdout: tuple[str, ...]
    folds: tuple[int, ...]
    contents: Mapping[str, str]
    dropped: int = 0
    units: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

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
        return hashlib.sha256(json.dumps(self._body(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Write the split as plain values."""
        named = {"schema": 1, "kind": self.kind, "digest": self.digest()}
        return {**named, "remarks": list(self.remarks), **self._body()}

    def _body(self) -> dict[str, Any]:
        folds: Iterable[int | None] = self.folds or [None] * len(self.train)
        return {
            "train": [
                {"id": id, "content": self.contents[id], "fold": fold}
                for id, fold in zip(self.train, folds, strict=True)
            ],
            "holdout": [
                {"id": id, "content": self.contents[id], "unit": self.units.get(id)}
                for id in self.holdout
            ],
            "dropped": self.dropped,
        }

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
            split = cls(
                kind=str(values["kind"]),
                train=tuple(row["id"] for row in train),
                holdout=tuple(row["id"] for row in holdout),
                folds=folds,
                contents={row["id"]: row["content"] for row in (*train, *holdout)},
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
    contents = collection.contents
    missing = [id for id in split.contents if id not in contents]
    changed = [id for id, hash in split.contents.items() if contents.get(id, hash) != hash]
    problems = []
    if missing:
        problems.append(f"{len(missing)} of its clips are not in the data ({_some(missing)})")
    if changed:
        problems.append(f"{len(changed)} clips hold other samples now ({_some(changed)})")
    both = set(split.train) & set(split.holdout)
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
    held = {split.contents[id] for id in split.holdout}
    return {id for id in split.train if split.contents[id] in held}


def _overlaps(split: Split, collection: Collection) -> Iterator[str]:
    """Say where windows that overlap were parted."""
    rows = {entry.id: row for row, entry in enumerate(collection.entries)}
    train = [rows[id] for id in split.train if id in rows]
    holdout = [rows[id] for id in split.holdout if id in rows]
    shared = overlapping(collection.entries, train, holdout)
    if shared:
        ids = [collection.entries[row].id for row in sorted(shared)]
        yield f"{len(ids)} training clips overlap a held-out one ({_some(ids)})"
    folds = dict(zip(split.train, split.folds, strict=False))
    parted = [
        collection.entries[together[0]].id
        for together in clusters(collection.entries, train)
        if len({folds.get(collection.entries[row].id) for row in together}) > 1
    ]
    if parted:
        yield f"{len(parted)} runs of overlapping clips are in several folds ({_some(parted)})"


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")
