"""Tables of what a tool said of each clip; they are strangers' and checked row by row."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError

CLIPS = ("id", "path", "file", "filename", "image", "clip")
"""Headings of the column that names the clip, the first that is there."""
PREDICTED = ("predicted", "prediction", "predicted_label", "answer")
TRUTH_OR_ANSWER = "label"
"""Means the answer only in a table that has nothing else, and no mark of a manifest."""
SCORES = ("", "score ", "probability ")
"""What may stand before a class in the heading of its probabilities."""
PICTURES = frozenset({".png", ".jpg", ".jpeg"})
DELIMITERS = (",", ";", "\t")
ROUNDING = 0.02
"""Rows of probabilities may miss a sum of one by this much: tools round to two digits."""

Row = Mapping[str, str]
"""The cells of a row by their headings."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What was said of one clip; `scores` [shape=(classes,)] where the table has them."""

    label: str
    scores: NDArray[np.float64] | None


def read_answers(path: Path, classes: Sequence[str]) -> dict[str, Answer]:
    """Read answers by the names of clips, a picture's file without folder and suffix.

    Raises
    ------
    ClassifierError
        It is no such table; clips stand twice; probabilities cannot be; both contradict.
    """
    headings, rows = _read(path)
    clip = _first(CLIPS, headings)
    scored = _score_columns(headings, classes)
    predicted = _first(PREDICTED, headings)
    if predicted is None and not scored and "content" not in headings:
        predicted = _first((TRUTH_OR_ANSWER,), headings)
    if clip is None or (predicted is None and not scored):
        lacks = f"a column of clips ({', '.join(CLIPS)})" if clip is None else (
            "a column predicted, or one of probabilities a class"
        )  # fmt: skip
        raise ClassifierError(f"{path} lacks {lacks}; it has {', '.join(headings) or 'none'}.")
    answered = [row for row in rows if predicted is None or row[predicted].strip()]
    names = [clip_name(row[clip]) for row in answered]
    _check_doubled(path, names)
    scores = _scores(path, answered, scored, classes)
    labels = _labels(answered, predicted, scores, classes)
    _check_agreement(path, labels, scores, classes)
    return {
        name: Answer(label, None if scores is None else scores[row])
        for row, (name, label) in enumerate(zip(names, labels, strict=True))
    }


def read_pictures(path: Path) -> dict[str, str]:
    """Read the hash of each exported picture by its file's name without suffix.

    Raises
    ------
    ClassifierError
        It is no manifest of exported pictures.
    """
    headings, rows = _read(path)
    if not {"path", "picture"} <= set(headings):
        raise ClassifierError(
            f"{path} is no manifest of sightbench export-pictures: it lacks path or picture."
        )
    return {clip_name(row["path"]): row["picture"] for row in rows}


def clip_name(written: str) -> str:
    """Return an id as it is, and a picture's file without folder and suffix."""
    text = written[1:] if written.startswith("'") else written
    file = PurePosixPath(text.replace("\\", "/"))
    return file.stem if file.suffix.casefold() in PICTURES else text


def some(names: Iterable[str]) -> str:
    """Name the first few."""
    found = list(names)
    return ", ".join(map(repr, found[:3])) + (", …" if len(found) > 3 else "")


def _read(path: Path) -> tuple[list[str], list[Row]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ClassifierError(f"There is no table {path} (looked in {Path.cwd()}).") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ClassifierError(f"{path} cannot be read as CSV in UTF-8: {error}.") from None
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        lines = [each for each in csv.reader(io.StringIO(text), delimiter=delimiter) if any(each)]
    except csv.Error as error:
        raise ClassifierError(f"{path} is no CSV: {error}.") from None
    headings = [each.strip() for each in lines[0]] if lines else []
    uneven = [number for number, each in enumerate(lines[1:], 2) if len(each) != len(headings)]
    if uneven or len(set(headings)) != len(headings):
        what = f"{len(uneven)} rows have another number of cells than the headings"
        raise ClassifierError(f"{path}: {what if uneven else 'two columns have one name'}.")
    return headings, [dict(zip(headings, each, strict=True)) for each in lines[1:]]


def _first(wanted: Sequence[str], headings: Sequence[str]) -> str | None:
    plain = {each.casefold(): each for each in headings}
    return next((plain[name] for name in wanted if name in plain), None)


def _score_columns(headings: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Return the heading of each class's probabilities."""
    bare = {each[1:] if each.startswith("'") else each: each for each in headings}
    reserved = {*CLIPS, *PREDICTED, TRUTH_OR_ANSWER}
    return {
        name: bare[f"{before}{name}"]
        for name in classes
        for before in SCORES
        if f"{before}{name}" in bare and f"{before}{name}" not in reserved
    }


def _check_doubled(path: Path, names: Sequence[str]) -> None:
    doubled = [name for name, count in Counter(names).items() if count > 1]
    if doubled:
        raise ClassifierError(
            f"{path}: {len(doubled)} clips stand there more than once ({some(doubled)}); keep one "
            "row of each."
        )


def _scores(
    path: Path,
    rows: Sequence[Row],
    columns: Mapping[str, str],
    classes: Sequence[str],
) -> NDArray[np.float64] | None:
    """Read probabilities [shape=(rows, classes)]; rows are scaled to a sum of exactly one."""
    if not columns:
        return None
    lacking = [name for name in classes if name not in columns]
    if lacking:
        raise ClassifierError(
            f"{path} has probabilities of {len(columns)} of {len(classes)} classes; a column is "
            f"missing for {some(lacking)}."
        )
    read = [[_number(row[columns[name]]) for name in classes] for row in rows]
    table = np.array(read, np.float64).reshape(len(rows), len(classes))
    sums = table.sum(axis=1)
    bad = ~(np.isfinite(table).all(axis=1) & (table >= 0).all(axis=1))
    bad |= ~(np.abs(sums - 1) <= ROUNDING)
    if bad.any():
        row = int(bad.argmax())
        shown = ", ".join(f"{value:g}" for value in table[row])
        raise ClassifierError(
            f"{path}: {int(bad.sum())} of {len(rows)} rows hold no probabilities: they are from 0 "
            f"to 1 and add up to 1, row {row + 2} has {shown}."
        )
    return np.asarray(table / sums[:, None])


def _number(text: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return math.nan


def _labels(
    rows: Sequence[Row],
    predicted: str | None,
    scores: NDArray[np.float64] | None,
    classes: Sequence[str],
) -> list[str]:
    if predicted is not None:
        written = [row[predicted] for row in rows]
        return [text[1:] if text.startswith("'") else text.strip() for text in written]
    assert scores is not None
    return [classes[column] for column in scores.argmax(axis=1)]


def _check_agreement(
    path: Path, labels: Sequence[str], scores: NDArray[np.float64] | None, classes: Sequence[str]
) -> None:
    """Ask that an answer is the class of the largest probability, where it is of a class."""
    if scores is None:
        return
    column = {name: number for number, name in enumerate(classes)}
    wrong = [
        label
        for label, row in zip(labels, scores, strict=True)
        if label in column and row[column[label]] < row.max() - 1e-9
    ]
    if wrong:
        raise ClassifierError(
            f"{path}: in {len(wrong)} of {len(labels)} rows the answer is not the class of the "
            "largest probability; the two contradict."
        )
