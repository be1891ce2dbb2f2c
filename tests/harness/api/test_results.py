"""What a comparison says as a value; each figure is checked against the files of the run."""

from __future__ import annotations

import builtins
import json
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import harness
from harness.api.frames import Frame
from harness.api.markup import table
from harness.api.results import Results
from harness.errors import SpecError, StoreError, Unavailable


def test_cells_have_the_figures_of_their_records(compared: Results) -> None:
    frame = compared.cells.to_pandas()
    assert len(frame) == 6
    assert list(frame.status).count("failed") == 2
    for record in compared.run.records():
        (row,) = [
            each for each in compared.cells
            if (each["representation"], each["classifier"])
            == (str(record.cell.representation), str(record.cell.classifier))
        ]  # fmt: skip
        assert row["holdout_accuracy"] == record.accuracy
        assert row["reason"] == record.reason


def test_accuracy_follows_from_predictions_clip_by_clip(compared: Results) -> None:
    said = compared.predictions().to_pandas()
    holdout = said[said.side == "holdout"]
    figures = holdout.groupby(["representation", "classifier"]).right.mean()
    for row in compared.cells:
        if row["status"] == "ok":
            key = (row["representation"], row["classifier"])
            assert figures[key] == pytest.approx(row["holdout_accuracy"])
    scores = said[["score high", "score low"]].to_numpy()
    assert np.allclose(scores.sum(axis=1), 1)
    assert set(said.fold.dropna()) == {0, 1, 2}


def test_predictions_of_one_cell_are_its_own(compared: Results) -> None:
    frame = compared.predictions("levels/nearest-mean")
    assert {row["classifier"] for row in frame} == {"nearest-mean"}
    assert len(frame) == 30  # each clip once: in its fold or in the holdout
    assert len({row["id"] for row in frame}) == 30


def test_arrow_and_pandas_say_the_same(compared: Results) -> None:
    arrow, pandas = compared.cells.to_arrow(), compared.cells.to_pandas()
    assert arrow.column_names == list(pandas.columns)
    assert arrow["holdout_accuracy"].to_pylist()[:2] == list(pandas.holdout_accuracy)[:2]


def test_the_choice_is_made_inside_training(compared: Results) -> None:
    chosen = compared.chosen
    assert chosen is not None
    rows = [r for r in compared.cells if r["status"] == "ok" and not r["control"]]
    assert chosen.mean("cv", "accuracy") == max(row["cv_accuracy"] for row in rows)
    assert [r["representation"] for r in rows if r["chosen"]] == [chosen.representation]


def test_without_folds_nothing_is_chosen(places: dict[str, Any]) -> None:
    found = harness.compare(
        "tones[clips=30]", ["levels"], ["nearest-mean"], **{**places, "folds": 0}
    )
    assert found.chosen is None
    assert "nothing was cross-validated" in repr(found)


def test_two_cells_are_compared(compared: Results) -> None:
    found = compared.compare("levels/nearest-mean", "waveform/nearest-mean")
    (change,) = found.changes
    one, other = (compared.row(f"{each}/nearest-mean") for each in ("levels", "waveform"))
    assert other.accuracy is not None
    assert one.accuracy is not None
    assert change.pair.difference == pytest.approx(other.accuracy - one.accuracy)
    judged = compared.disagree("levels/nearest-mean", "waveform/nearest-mean")
    assert judged.clips == change.pair.n


def test_a_cell_that_is_not_there_is_said(compared: Results) -> None:
    with pytest.raises(StoreError, match="has no cell 'mel/nearest-mean'"):
        compared.row("mel/nearest-mean")
    with pytest.raises(SpecError, match="names no cell"):
        compared.predictions("levels")
    with pytest.raises(StoreError, match="has no result to compare"):
        compared.compare("levels/nearest-mean", "levels/nearest-mean[fault=raise]")


class Texts(HTMLParser):
    """Collects the texts of a page and the tags that stand open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_a_notebook_shows_a_table(compared: Results) -> None:
    page = Texts()
    page.feed(compared._repr_html_())
    assert page.open == []
    assert {"levels", "nearest-mean", "chosen", "control"} <= set(page.texts)
    assert any(text.startswith("failed: RuntimeError") for text in page.texts)


def test_strangers_text_is_shown_not_obeyed() -> None:
    nasty = "<script>alert(1)</script>\x1b[31m"
    shown = table([nasty], [[nasty]], {0})
    assert "<script" not in shown
    assert "\x1b" not in shown
    assert "&lt;script&gt;" in shown


def test_a_long_frame_says_how_long_it_is() -> None:
    frame = Frame({"n": list(range(100))})
    assert "20 of 100 rows" in frame._repr_html_()
    assert [row["n"] for row in frame] == list(range(100))
    assert len(Frame({})) == 0


def test_without_pandas_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *others: Any, **named: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *others, **named)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(Unavailable, match=r"pip install pandas.* to_arrow\(\) does without"):
        Frame({"n": [1]}).to_pandas()


def test_results_are_read_back(compared: Results, places: dict[str, Any]) -> None:
    again = harness.open_results(places["results"], compared.run.name)
    assert again.cells.columns == compared.cells.columns
    by_folder = harness.open_results(compared.run.folder)
    assert by_folder.run.folder == compared.run.folder
    assert json.dumps(list(again.cells)) == json.dumps(list(compared.cells))
    with pytest.raises(StoreError, match="There are no runs"):
        harness.open_results(places["cache"])
