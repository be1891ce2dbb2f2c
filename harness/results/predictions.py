"""Predictions and clips as CSV: read back exactly, and never obeyed as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np

from harness.columns.strings import Strings
from harness.columns.values import Coded
from harness.errors import StoreError
from harness.values import Predictions

_COLUMNS = ("side", "fold", "id", "label", "predicted")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def shield(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unshield(text: str) -> str:
    """Undo `shield`."""
    return text[1:] if text.startswith("'") else text


@dataclass(frozen=True, slots=True)
class PredictionTable:
    """Saved predictions of one cell: every score can be computed again from them.

    Parameters
    ----------
    sides
        "cv" or "holdout", one a row.
    folds
        The fold of each row; None for the holdout, and where a service cross-validated.
    true
        The label of each clip.
    predictions
        What the classifier said, in the same order.
    """

    sides: tuple[str, ...]
    folds: tuple[int | None, ...]
    true: tuple[str, ...]
    predictions: Predictions

    def side(self, name: str) -> PredictionTable:
        """Return the rows of one side."""
        here = [side == name for side in self.sides]
        all_ = self.predictions
        return PredictionTable(
            tuple(compress(self.sides, here)),
            tuple(compress(self.folds, here)),
            tuple(compress(self.true, here)),
            Predictions(
                tuple(compress(all_.ids, here)),
                tuple(compress(all_.labels, here)),
                all_.classes,
                all_.scores[np.array(here, bool)],
            ),
        )


def prediction_text(table: PredictionTable) -> str:
    """Write predictions as CSV: side, fold, id, label, predicted, and a score a class."""
    said = table.predictions
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    heads = [shield(f"score {name}") for name in said.classes]
    writer.writerow([*_COLUMNS, *heads])
    labels = {name: "" if name is None else shield(name) for name in {*table.true, *said.labels}}
    columns = (
        table.sides,
        ["" if fold is None else fold for fold in table.folds],
        map(shield, said.ids),
        map(labels.__getitem__, table.true),
        map(labels.__getitem__, said.labels),
        *(["" if score != score else score for score in each] for each in said.scores.T.tolist()),
    )
    writer.writerows(zip(*columns, strict=True))  # floats are written as `repr` has them
    return text.getvalue()


def read_predictions(path: Path) -> PredictionTable:
    """Read predictions back, exactly as they were.

    Raises
    ------
    StoreError
        The file is damaged.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            heads, *rows = csv.reader(file)
        if tuple(heads[:5]) != _COLUMNS:
            raise ValueError(f"its columns are not {', '.join(_COLUMNS)} and scores")
        classes = tuple(head.removeprefix("score ") for head in heads[5:])
        columns = zip(*rows, strict=True) if rows else ((),) * len(heads)
        sides, folds, ids, true, said, *each = columns
        scores = [[float(cell) if cell else np.nan for cell in column] for column in each]
        numbers = {text: int(text) if text else None for text in set(folds)}
        return PredictionTable(
            sides=tuple(sides),
            folds=tuple(map(numbers.__getitem__, folds)),
            true=_unshielded(true),
            predictions=Predictions(
                ids=_unshielded(ids),
                labels=_labels(said, each),
                classes=classes,
                scores=np.array(scores, np.float64).reshape(len(classes), len(rows)).T.copy(),
            ),
        )
    except (OSError, ValueError, csv.Error) as error:
        raise StoreError(f"{path} is damaged: {error}.") from None


def _unshielded(column: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(unshield, column) if "'" in "".join(column) else column)


def _labels(said: Sequence[str], scores: Sequence[Sequence[str]]) -> tuple[str | None, ...]:
    """Read what was predicted: nothing, with scores, is the class whose name is empty."""
    labels = _unshielded(said)
    if "" not in labels:
        return labels
    given = map(any, zip(*scores, strict=True)) if scores else [False] * len(labels)
    both = zip(labels, given, strict=True)
    return tuple(label if label or some else None for label, some in both)


def clips_text(
    ids: Strings, labels: Coded[str], groups: Coded[str | None], contents: Strings
) -> str:
    """Write the clips of a run as CSV: id, label, group, content."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["id", "label", "group", "content"])
    columns = (_shielded(ids), _named(labels), _named(groups), _shielded(contents))
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()


def _shielded(texts: Strings) -> Iterable[str]:
    return map(shield, texts) if texts.begin_with(_FORMULA) else texts


def _named(words: Coded[Any]) -> Coded[str]:
    return Coded(words.numbers, [shield(word or "") for word in words.words])


def faults_text(rows: Iterable[Sequence[str]]) -> str:
    """Write clips that cannot be used as CSV: where, why; in bytes that any file takes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["where", "why"])
    writer.writerows([shield(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "backslashreplace").decode()


def read_clips(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Read the clips of a run back: id, label, group, content."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader, None)
        for id, label, group, content in reader:
            yield unshield(id), unshield(label), unshield(group), unshield(content)
