"""What came of a cell: ok, failed or skipped, with every figure behind its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.errors import StoreError
from harness.planning.plan import Cell
from harness.planning.specs import parse_chains, parse_specs

Status = Literal["ok", "failed", "skipped", "partial"]


@dataclass(frozen=True, slots=True)
class Record:
    """One row of every table.

    Parameters
    ----------
    cell
        What was run.
    status, reason
        "failed", "skipped" and "partial" say why in one line.
    control
        The classifier is a yardstick.
    remote
        The classifier is a service; its cross-validation is its own.
    cv, holdout
        Scores as plain values (`harness.results.scores`); None where there are none.
    seconds
        Timings by stage (`harness.measuring.timing.Stopwatch.summary`).
    clips
        How many clips train and are held out.
    twins
        Holdout clips whose very picture is also in training.
    costs
        What a service spent; empty for local classifiers.
    versions
        The version of each plugin that had a hand in it.
    """

    cell: Cell
    status: Status
    reason: str = ""
    control: bool = False
    remote: bool = False
    cv: Mapping[str, Any] | None = None
    holdout: Mapping[str, Any] | None = None
    seconds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    clips: Mapping[str, int] = field(default_factory=dict)
    twins: int = 0
    costs: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def accuracy(self) -> float | None:
        """Holdout accuracy, or None."""
        return None if self.holdout is None else float(self.holdout["accuracy"])

    def to_json(self) -> dict[str, Any]:
        """Write the record as plain values."""
        return {
            "schema": 1,
            "representation": str(self.cell.representation),
            "classifier": str(self.cell.classifier),
            "split": self.cell.split,
            "seed": self.cell.seed,
            "train_size": self.cell.train_size,
            "status": self.status,
            "reason": self.reason,
            "control": self.control,
            "remote": self.remote,
            "cv": self.cv,
            "holdout": self.holdout,
            "seconds": self.seconds,
            "clips": self.clips,
            "twins": self.twins,
            "costs": self.costs,
            "versions": self.versions,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any], where: str) -> Record:
        """Read a record back.

        Raises
        ------
        StoreError
            It is of another schema, or damaged.
        """
        try:
            if values["schema"] != 1:
                raise StoreError(
                    f"{where} has schema {values['schema']!r}; this sightbench reads 1."
                )
            return cls(
                cell=Cell(
                    parse_chains(values["representation"], lambda name: False)[0],
                    parse_specs(values["classifier"])[0],
                    values["split"],
                    values["seed"],
                    values["train_size"],
                ),
                **{name: values[name] for name in _PLAIN},
            )
        except (KeyError, TypeError, IndexError) as error:
            raise StoreError(f"{where} is not a record of sightbench ({error!r}).") from None


_PLAIN = (
    "status", "reason", "control", "remote", "cv", "holdout", "seconds", "clips", "twins",
    "costs", "versions",
)  # fmt: skip
