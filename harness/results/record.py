"""What came of a cell: ok, failed or skipped, with every figure behind its row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from harness.errors import SpecError, StoreError
from harness.files.documents import checked, plain
from harness.measuring.timing import StageTime
from harness.planning.plan import Cell
from harness.planning.specs import parse_specs
from harness.planning.ways import parse_ways
from harness.results.identity import Made
from harness.results.scores import FoldScores, Scores
from harness.values import Costs, Resources

Status = Literal["ok", "failed", "skipped", "partial"]


@dataclass(frozen=True, slots=True)
class SideCounts:
    """How many clips train and are held out."""

    train: int
    holdout: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a cell.

    Parameters
    ----------
    status, reason
        "failed", "skipped" and "partial" say why in one line.
    control
        The classifier is a yardstick.
    remote
        The classifier is a service; its cross-validation is its own.
    cv, holdout
        Scores; None where there are none. A service's own folds are not known.
    seconds
        Times by stage.
    clips
        None where nothing was split.
    learnt
        Training clips that the classifier learnt from, drawn by lot; None where it was all.
    twins
        Holdout clips whose very picture is also in training.
    costs
        What a service spent; None for local classifiers.
    versions
        The version of each plugin that had a hand in it.
    made
        What made the figures, by content; None in runs of schema 1.
    predictions
        The hash of the predictions beside the record; empty where there are none.
    host
        The machine that it ran on; empty for the one that the run was started on.
    resources
        What it had of that machine; None where nothing ran, and in older records.
    """

    status: Status
    reason: str = ""
    control: bool = False
    remote: bool = False
    cv: FoldScores | Scores | None = None
    holdout: Scores | None = None
    seconds: Mapping[str, StageTime] = field(default_factory=dict)
    clips: SideCounts | None = None
    learnt: int | None = None
    twins: int = 0
    costs: Costs | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    made: Made | None = None
    predictions: str = ""
    host: str = ""
    resources: Resources | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRecord(Outcome):
    """A record as it stands on disk and in ``show --format json``; see `Cell` for the rest."""

    representation: str
    classifier: str
    split: int
    seed: int
    train_size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Outcome):
    """One row of every table: a cell, and what came of it."""

    cell: Cell

    @property
    def accuracy(self) -> float | None:
        """Holdout accuracy, or None."""
        return None if self.holdout is None else self.holdout.accuracy

    def to_json(self) -> dict[str, Any]:
        """Write the record as plain values."""
        values = {name: plain(getattr(self, name)) for name in _OUTCOME}
        return {
            "schema": 1,
            "representation": str(self.cell.representation),
            "classifier": str(self.cell.classifier),
            "split": self.cell.split,
            "seed": self.cell.seed,
            "train_size": self.cell.train_size,
            **values,
            **{name: values[name] or {} for name in _EMPTY},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any], where: str) -> Record:
        """Read a record back.

        Raises
        ------
        StoreError
            It is of another schema, or damaged.
        """
        if values.get("schema") != 1:
            raise StoreError(
                f"{where} has schema {values.get('schema')!r}; this sightbench reads 1."
            )
        nothing = {name: None for name in _EMPTY if not values.get(name)}
        read = checked(WrittenRecord, {**values, **nothing}, where)
        try:
            cell = Cell(
                parse_ways(read.representation, lambda name: False)[0],
                parse_specs(read.classifier)[0],
                read.split,
                read.seed,
                read.train_size,
            )
        except SpecError as error:
            raise StoreError(f"{where} is damaged: {error}") from None
        return cls(cell=cell, **{name: getattr(read, name) for name in _OUTCOME})


def record_digest(values: Mapping[str, Any]) -> str:
    """Hash a record's plain values."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


_OUTCOME = tuple(each.name for each in fields(Outcome))
_EMPTY = ("clips", "costs")
"""What is written as an empty object where there is none."""
