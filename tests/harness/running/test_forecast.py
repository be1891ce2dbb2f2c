from __future__ import annotations

import pytest

from harness.cli.forecasting import forecast_lines
from harness.pictures.gallery import Gallery
from harness.planning.plan import make_plan
from harness.registry.resolution import resolve
from harness.running.forecast import forecast
from harness.running.options import Options, Session
from harness.running.parts import BYTES_A_PIXEL
from harness.running.preparation import survey

CHOICES = {
    "dataset": "tones",
    "representations": ["levels", "spectrogram"],
    "classifiers": ["nearest-mean", "majority"],
    "folds": 3,
    "split": "stratified",
    "picture_height": 20,
    "picture_width": 30,
}


@pytest.fixture
def foresee(tmp_path, plugins, workers, run_plan):
    """Give what says what choices would come to, in the folder of `run_plan`."""
    silent = type(run_plan(representations=["levels"], classifiers=["majority"], folder="x")[2])

    def tell(fresh=False, **choices):
        plan = make_plan({**CHOICES, **choices}, plugins.catalogue.is_improvement)
        gallery = Gallery(tmp_path / "cache")
        options = Options(tmp_path / "results", gallery, jobs=2, fresh=fresh)
        session = Session(options, workers, silent(), plugins.hook)
        return forecast(survey(resolve(plan, plugins), session), session)

    return tell


def test_nothing_is_written(foresee, tmp_path):
    before = sorted(tmp_path.iterdir())
    found = foresee()
    assert sorted(tmp_path.iterdir()) == before
    assert (found.cells, found.finished, found.estimates) == (4, 0, {})
    assert found.pictures == 2 * len(found.survey.rows)
    assert found.picture_bytes == found.pictures * 20 * 30 * BYTES_A_PIXEL
    assert found.tasks == {"reading": 1, "drawing": 1, "cells": 4}
    assert "up to 6 tasks would go out to workers: 1 of reading, 1 of drawing, 4 of cells" in list(
        forecast_lines(found)
    )


def test_what_is_finished_and_drawn_is_not_counted_again(foresee, run_plan):
    run_plan(**{**CHOICES, "representations": ["levels"]})
    found = foresee()
    assert (found.cells, found.finished) == (4, 2)
    assert found.pictures == len(found.survey.rows)
    assert foresee(fresh=True).finished == 0


def test_it_is_said_in_lines(foresee):
    lines = list(forecast_lines(foresee()))
    assert lines[-1] == "Nothing was started."
    assert any("4 cells, 0 of them finished already" in line for line in lines)
    assert any(line.startswith("split stratified") and "3 folds" in line for line in lines)
    assert "classes: " in lines[0]


def test_of_a_stack_its_parts_are_drawn_each_once(foresee):
    found = foresee(representations=["stack(levels, spectrogram)", "levels"])
    assert found.cells == 4
    assert found.pictures == 2 * len(found.survey.rows)


def test_what_no_classifier_sees_is_not_drawn(foresee):
    found = foresee(classifiers=["nearest-spectrum", "nearest-raster"])
    assert (found.cells, found.pictures, found.picture_bytes) == (3, 0, 0)
    assert list(forecast_lines(found))[-1] == "Nothing was started."


def test_what_is_odd_is_said_before_anything_is_run(foresee):
    plain = list(forecast_lines(foresee()))
    alike = list(forecast_lines(foresee(dataset="tones[labels='high,High ']")))
    assert not any("differ in case" in line for line in plain)
    assert "odd in these clips:" in alike
    assert any("'High '" in line and "differ in case" in line for line in alike)
