"""The clips that a cell gets wrong: list, JSON, and pictures with axes."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from harness.analysis.mistakes import find_mistakes
from harness.analysis.redrawing import Redrawing
from harness.analysis.summary import summarise
from harness.cli.dispatch import dispatch
from harness.pictures.gallery import Gallery
from harness.reporting.sheets.axes import BELOW_PX, LEFT_PX, TOP_PX, Ticks, frame, round_values
from harness.reporting.sheets.mistakes import write_pictures
from harness.values import Axis

LABELS = "<script>alert(1)</script>,[red]x"


@pytest.fixture(scope="module")
def finished(tmp_path_factory, run_in):
    root = tmp_path_factory.mktemp("mistakes")
    run, _, _ = run_in(root)(
        dataset=f"tones[labels='{LABELS}',clips=120]",
        representations=["levels", "spectrogram"],
        classifiers=["nearest-mean", "majority"],
        picture_height=56,
        picture_width=56,
    )
    return run, root


def test_mistakes_are_those_of_the_predictions(finished):
    run, _ = finished
    row = summarise(run).row("levels", "nearest-mean")
    found = find_mistakes(run, row)
    table = run.predictions(row.records[0].cell).side("holdout")
    wrong = {
        id
        for id, truth, said in zip(
            table.predictions.ids, table.true, table.predictions.labels, strict=True
        )
        if truth != said
    }
    assert {each.id for each in found.found} == wrong
    assert len(wrong) > 5
    scores = [each.answer.score for each in found.found]
    assert scores == sorted(scores, reverse=True)
    assert found.clips == len(table.true)


def test_the_command_lists_the_choice_or_the_cell_named(finished, capsys, tones):
    run, root = finished
    options = ["--results", str(root / "results"), "--plugin", str(tones)]
    assert dispatch(["mistakes", *options]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert summarise(run).choice.row.title in shown
    assert dispatch(["mistakes", "levels/nearest-mean", "--list", "2", *options]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "levels × nearest-mean gets" in shown
    assert "more: --list" in shown
    assert dispatch(["mistakes", "levels/nearest-mean", "--format", "json", *options]) == 0
    values = json.loads(capsys.readouterr().out)
    row = summarise(run).row("levels", "nearest-mean")
    found = find_mistakes(run, row)
    assert [each["id"] for each in values["mistakes"]] == [each.id for each in found.found]
    assert {each["label"] for each in values["mistakes"]} <= set(LABELS.split(","))


def test_a_cell_that_is_not_there_is_named(finished, capsys, tones):
    _, root = finished
    options = ["--results", str(root / "results"), "--plugin", str(tones)]
    assert dispatch(["mistakes", "mel/nearest-mean", *options]) == 2
    assert "has no cell 'mel/nearest-mean'" in capsys.readouterr().err


def test_pictures_have_axes_and_are_what_was_judged(finished, plugins, tmp_path):
    run, root = finished
    found = find_mistakes(run, summarise(run).row("spectrogram", "majority"))
    source = Redrawing(run, plugins, Gallery(root / "cache"))
    written = write_pictures(tmp_path / "pictures", found, 3, source)
    assert len(written) == 3
    (pixels,) = source.draw("spectrogram", [found.found[0].id])
    picture = cv2.imread(str(written[0]))[..., ::-1]
    assert picture.shape == (56 + TOP_PX + BELOW_PX, 56 + LEFT_PX + TOP_PX, 3)
    inner = picture[TOP_PX : TOP_PX + 56, LEFT_PX : LEFT_PX + 56]
    np.testing.assert_array_equal(inner, pixels)
    assert (picture[:, :LEFT_PX] < 128).any()  # something is written at the left
    assert (picture[TOP_PX + 56 :] < 128).any()
    sheet = cv2.imread(str(tmp_path / "pictures" / "contact-sheet.png"))
    assert sheet.shape[1] > 3 * picture.shape[1]


def test_without_the_dataset_pictures_have_no_axes(finished, plugins, tmp_path):
    run, root = finished

    class Away(Redrawing):
        def _read(self, id, content):
            raise AssertionError("pictures are in the cache")

    source = Away(run, plugins, Gallery(root / "cache"))
    assert source.axes("spectrogram", []) == []
    (ends,) = Redrawing(run, plugins, Gallery(root / "cache"), "nowhere").axes(
        "spectrogram",
        [find_mistakes(run, summarise(run).row("spectrogram", "majority")).found[0].id],
    )
    assert ends == (None, None)


def test_ticks_lie_where_their_values_do():
    axis = Axis("frequency", "Hz", np.arange(5.0, 1000, 10))  # rows of 10 Hz, 0 to 1000
    ticks = Ticks.of(axis, 501)
    assert ticks.title == "frequency (Hz)"
    assert ticks.labels == ("200", "400", "600", "800")
    assert ticks.places == (100, 200, 300, 400)


def test_ticks_on_a_curved_axis_are_bent_and_do_not_touch():
    axis = Axis("frequency", "Hz", np.geomspace(50, 4000, 64))
    ticks = Ticks.of(axis, 224)
    assert list(ticks.places) == sorted(ticks.places)
    assert (np.diff(ticks.places) >= 40).all()


def test_channels_on_top_of_each_other_have_ticks_of_their_own():
    one = np.arange(5.0, 1000, 10)
    ticks = Ticks.of(Axis("frequency", "Hz", np.tile(one, 2)), 400)
    assert ticks.title == "frequency (Hz)"
    assert ticks.labels == ("200", "400", "600", "800") * 2
    first, second = ticks.places[:4], ticks.places[4:]
    assert [place + 200 for place in first] == list(second)
    assert Ticks.of(Axis("frequency", "Hz", np.tile(one, 9)), 400).labels == ()


def test_an_axis_that_does_not_rise_has_a_title_alone():
    assert Ticks.of(Axis("lag", "", np.array([3.0, 2.0])), 50) == Ticks(title="lag")
    assert Ticks.of(None, 50) == Ticks()
    pixels = np.zeros((8, 8, 3), np.uint8)
    assert frame(pixels, Ticks(), Ticks()) is pixels


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0.05, 1.95, [0.5, 1, 1.5]),
        (0, 1000, range(0, 1001, 200)),
    ],
)
def test_round_values_are_round(low, high, values):
    assert round_values(low, high) == pytest.approx(list(values))
