"""What another tool said of each clip, back in the same table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import (
    Classifier,
    ClassifierError,
    Features,
    Fitted,
    Pictures,
    Predictions,
    folder_names,
    parameter,
    picture_name,
    pixel_hash,
)
from plugins.classifiers.answer_tables import Answer, read_answers, read_pictures, some


class Answers(Classifier):
    """Takes what another tool said of each clip from a table, and learns nothing itself.

    A row names a clip, by its id or by its file of ``sightbench export-pictures`` (columns id,
    path, file, filename, image or clip), and what was predicted (predicted, prediction or
    label); columns called as the classes, or "score CLASS", are probabilities. A clip without a
    row is a failed prediction. The row stands beside the pictures that the tool was given; with
    `manifest` that is checked.
    """

    name = "answers"

    path: str = parameter(help="table of answers, .csv")
    manifest: str = parameter("", "manifest.csv of the exported pictures; empty for no check")
    cross_validated: bool = parameter(
        False, "rows of training clips were predicted without their own fold (manifest: fold)"
    )

    def cross_validates(self) -> bool:
        """Say whether the table has the tool's own cross-validation."""
        return self.cross_validated

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Say of each picture whether it is the one that was exported [shape=(clips, 1)], uint8."""
        if not self.manifest:
            return np.ones((len(pictures), 1), np.uint8)
        exported = self._exported
        same = [
            exported.get(picture_name(id)) == pixel_hash(pixels)
            for id, pixels in zip(pictures.ids, pictures.pixels, strict=True)
        ]
        return np.array(same, np.uint8)[:, None]

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Read the answers; of training only the names of clips and classes are looked at."""
        classes = tuple(str(name) for name in np.unique(labels))
        answers = read_answers(Path(self.path).expanduser(), classes)
        _check_labels(self.path, answers, classes)
        _check_pictures(self, features)
        return _Read(self, answers, classes, frozenset(features.ids))

    @cached_property
    def _exported(self) -> Mapping[str, str]:
        return read_pictures(Path(self.manifest).expanduser())


@dataclass(frozen=True, eq=False)
class _Read:
    """Answers by clip; `trained` are the clips that need none."""

    asked: Answers
    answers: Mapping[str, Answer]
    classes: tuple[str, ...]
    trained: frozenset[str]

    def predict(self, features: Features) -> Predictions:
        """Look the clips up.

        Raises
        ------
        ClassifierError
            Clips have no answer though rows are left that name no clip; or other pictures.
        """
        _check_pictures(self.asked, features)
        found = [self._answer(id) for id in features.ids]
        if len(found) > 1:
            self._check_names(features.ids, found)
        known = self._labels()
        scores = np.full((len(found), len(self.classes)), np.nan)
        for row, answer in enumerate(found):
            if answer is not None and answer.scores is not None:
                scores[row] = answer.scores
        labels = tuple(None if answer is None else known[answer.label] for answer in found)
        return Predictions(features.ids, labels, self.classes, scores)

    def _answer(self, id: str) -> Answer | None:
        by_id = self.answers.get(id)
        return by_id if by_id is not None else self.answers.get(picture_name(id))

    def _check_names(self, ids: tuple[str, ...], found: list[Answer | None]) -> None:
        silent = [id for id, answer in zip(ids, found, strict=True) if answer is None]
        names = {name for id in (*ids, *self.trained) for name in (id, picture_name(id))}
        strange = [name for name in self.answers if name not in names]
        if silent and strange:
            raise ClassifierError(
                f"{self.asked.path}: {len(strange)} of {len(self.answers)} rows name no clip of "
                f"this split ({some(strange)}), and {len(silent)} of {len(ids)} clips have no row "
                f"({some(silent)}). Name clips by their id or exported file, as manifest.csv does."
            )

    def _labels(self) -> dict[str, str]:
        return label_names(self.classes)


def label_names(classes: tuple[str, ...]) -> dict[str, str]:
    """Say which class each name stands for: a label, or its folder of exported pictures."""
    folders = {folder: label for label, folder in folder_names(classes).items()}
    return {**folders, **{label: label for label in classes}}


def _check_labels(path: str, answers: Mapping[str, Answer], classes: tuple[str, ...]) -> None:
    known = label_names(classes)
    strange = [each.label for each in answers.values() if each.label not in known]
    if strange:
        raise ClassifierError(
            f"{path}: {len(strange)} of {len(answers)} answers are of no class "
            f"({some(sorted(set(strange)))}); the classes are {some(classes)}."
        )


def _check_pictures(asked: Answers, features: Features) -> None:
    other = int((np.asarray(features.values) == 0).sum())
    if other:
        raise ClassifierError(
            f"{asked.path}: {other} of {len(features)} pictures are not those of "
            f"{asked.manifest}: the answers were given to pictures of another representation, "
            "size or split. Name the same ones that were exported."
        )


plugins = [Answers]
