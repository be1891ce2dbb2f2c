"""What another tool said comes back clip by clip, and nothing else is believed."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import ClassifierError, Features, Pictures, Predictions, picture_name, pixel_hash
from plugins.classifiers.answers import Answers

IDS = tuple(f"clip {number}" for number in range(8))
LABELS = np.array(["dog", "cat"] * 4)
TRAIN, ASKED = IDS[:4], IDS[4:]


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def pictures(ids: tuple[str, ...], shift: int = 0) -> Pictures:
    pixels = np.stack([np.full((8, 8, 3), IDS.index(id) + shift, np.uint8) for id in ids])
    return Pictures(pixels, ids)


def predicted(classifier: Answers, asked: tuple[str, ...] = ASKED, shift: int = 0) -> Predictions:
    def features(ids: tuple[str, ...]) -> Features:
        return Features(classifier.features(pictures(ids, shift)), ids)

    fitted = classifier.fit(features(TRAIN), LABELS[:4], np.random.default_rng(0))
    return fitted.predict(features(asked))


@pytest.mark.parametrize("named", ["id", "path", "file"])
def test_answers_are_found_by_id_or_exported_file(tmp_path: Path, named: str) -> None:
    def name(id: str) -> str:
        return id if named == "id" else f"holdout\\dog\\{picture_name(id)}.png"

    rows = [{named: name(id), "predicted": "dog"} for id in reversed(ASKED)]
    said = predicted(Answers(path=write(tmp_path / "a.csv", rows)))
    assert said.ids == ASKED
    assert said.labels == ("dog",) * 4
    assert said.classes == ("cat", "dog")
    assert np.isnan(said.scores).all()


def test_a_clip_without_an_answer_is_a_failed_prediction(tmp_path: Path) -> None:
    rows = [{"id": ASKED[0], "predicted": "cat"}, {"id": ASKED[1], "predicted": ""}]
    said = predicted(Answers(path=write(tmp_path / "a.csv", rows)))
    assert said.labels == ("cat", None, None, None)


def test_probabilities_are_kept_and_decide(tmp_path: Path) -> None:
    rows = [{"id": id, "cat": 0.25, "score dog": 0.75} for id in ASKED]
    said = predicted(Answers(path=write(tmp_path / "a.csv", rows)))
    assert said.labels == ("dog",) * 4
    assert np.allclose(said.scores, [0.25, 0.75])


def test_rounded_probabilities_add_up_to_one_again(tmp_path: Path) -> None:
    rows = [{"id": id, "cat": "0.33", "dog": "0.66"} for id in ASKED]
    said = predicted(Answers(path=write(tmp_path / "a.csv", rows)))
    assert np.allclose(said.scores.sum(axis=1), 1)


def test_one_clip_is_answered_as_all_are(tmp_path: Path) -> None:
    rows = [{"id": id, "predicted": "dog"} for id in ASKED[:2]]
    classifier = Answers(path=write(tmp_path / "a.csv", rows))
    assert predicted(classifier, ASKED[3:]).labels == (None,)
    assert predicted(classifier, ASKED[:1]).labels == ("dog",)


GOOD = [{"id": id, "predicted": "dog", "cat": "0.2", "dog": "0.8"} for id in ASKED]


def changed(row: int, **cells: str) -> list[dict[str, str]]:
    return [{**each, **(cells if number == row else {})} for number, each in enumerate(GOOD)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*GOOD, GOOD[0]], r"1 clips stand there more than once \('clip 4'\)"),
        (changed(1, id="nobody"), r"1 of 4 rows name no clip .*'nobody'.* 1 of 4 clips have no"),
        (changed(1, predicted="bird"), r"1 of 4 answers are of no class \('bird'\)"),
        (changed(2, dog="0.3"), r"1 of 4 rows hold no probabilities.* row 4 has 0.2, 0.3"),
        (changed(2, dog="-0.8"), "1 of 4 rows hold no probabilities"),
        (changed(2, dog="nan"), "1 of 4 rows hold no probabilities"),
        (changed(2, dog="much"), "1 of 4 rows hold no probabilities"),
        (changed(2, predicted="cat"), "in 1 of 4 rows the answer is not the class of the largest"),
        ([{"id": id, "cat": "1"} for id in ASKED], "a column is missing for 'dog'"),
        ([{"predicted": "dog"}], "lacks a column of clips"),
        ([{"id": "clip 4"}], "lacks a column predicted"),
        ([{"id": i, "label": "dog", "content": "x"} for i in ASKED], "lacks a column predicted"),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path: Path, rows: Any, said: str) -> None:
    with pytest.raises(ClassifierError, match=said):
        predicted(Answers(path=write(tmp_path / "a.csv", rows)))


def test_no_file_and_no_table(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match="There is no table"):
        predicted(Answers(path=str(tmp_path / "none.csv")))
    (tmp_path / "odd.csv").write_text("id,predicted\nclip 4\n")
    with pytest.raises(ClassifierError, match="1 rows have another number of cells"):
        predicted(Answers(path=str(tmp_path / "odd.csv")))
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ClassifierError, match="it has none"):
        predicted(Answers(path=str(tmp_path / "empty.csv")))
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ClassifierError, match="cannot be read as CSV"):
        predicted(Answers(path=str(tmp_path / "binary.csv")))


def test_other_pictures_than_those_exported_are_refused(tmp_path: Path) -> None:
    table = write(tmp_path / "a.csv", [{"id": id, "predicted": "dog"} for id in ASKED])
    shown = pictures(IDS)
    rows = [
        {"path": f"train/dog/{picture_name(id)}.png", "picture": pixel_hash(pixels)}
        for id, pixels in zip(shown.ids, shown.pixels, strict=True)
    ]
    classifier = Answers(path=table, manifest=write(tmp_path / "manifest.csv", rows))
    assert predicted(classifier).labels == ("dog",) * 4
    with pytest.raises(ClassifierError, match="4 of 4 pictures are not those of"):
        predicted(classifier, shift=1)
    with pytest.raises(ClassifierError, match="is no manifest"):
        predicted(Answers(path=table, manifest=table))


def test_folders_of_odd_labels_mean_the_labels(tmp_path: Path) -> None:
    from harness import folder_names

    odd = np.array(["a/b", "dog"] * 2)
    folder = folder_names(odd)["a/b"]
    table = write(tmp_path / "a.csv", [{"id": id, "predicted": folder} for id in ASKED])
    fitted = Answers(path=table).fit(
        Features(np.ones((4, 1), np.uint8), TRAIN), odd, np.random.default_rng(0)
    )
    said = fitted.predict(Features(np.ones((4, 1), np.uint8), ASKED))
    assert said.labels == ("a/b",) * 4


def test_it_learns_nothing(tmp_path: Path) -> None:
    """Other labels of the same classes change no answer."""
    table = write(tmp_path / "a.csv", [{"id": id, "predicted": "dog"} for id in ASKED])
    one, other = (
        Answers(path=table)
        .fit(Features(np.ones((4, 1), np.uint8), TRAIN), labels, np.random.default_rng(0))
        .predict(Features(np.ones((4, 1), np.uint8), ASKED))
        for labels in (LABELS[:4], LABELS[:4][::-1])
    )
    assert one.labels == other.labels


def test_it_cross_validates_only_where_the_table_says_so(tmp_path: Path) -> None:
    assert not Answers(path="a.csv").cross_validates()
    assert Answers(path="a.csv", cross_validated=True).cross_validates()
