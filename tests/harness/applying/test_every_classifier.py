"""Whatever learnt: kept and made again, its scores are those of the benchmark, bit for bit."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from harness.analysis.summary import summarise
from harness.applying.bundle import read_bundle, write_bundle
from harness.applying.keeping import keep
from harness.applying.restoring import restore
from harness.applying.wishes import Wish
from harness.contracts import LocalClassifier
from harness.pictures.gallery import Gallery
from harness.planning.plan import make_plan
from harness.running.options import Options
from harness.running.start import run
from harness.values import Resources
from tests.harness.applying.conftest import DATASET, Silent, session_at
from tests.plugins.classifiers.sound_embedding.networks import RATE, write_network

CLASSIFIERS = {
    "hog-svm": "hog-svm",
    "texture-svm": "texture-svm",
    "pixels-logistic": "pixels-logistic",
    "patches-logistic": "patches-logistic",
    "committee": "committee",
    "minirocket": "minirocket",
    "cnn": "cnn[epochs=2]",
    "transfer": "transfer[size=64,layers='stage4']",
    "sound-embedding": "sound-embedding[model='{model}',rate={rate}]",
    "sklearn": "sklearn[estimator=sklearn.ensemble.ExtraTreesClassifier]",
}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return write_network(tmp_path_factory.mktemp("networks") / "listens.onnx")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_scores_are_those_of_the_benchmark(root, plugins, model, tmp_path, name):
    reason = plugins.catalogue.find("classifier", name).unavailable()
    if name == "sklearn" and not importlib.util.find_spec("skops"):
        reason = "needs skops, not installed: pip install 'sightbench[keep]'"
    if reason:
        pytest.skip(reason)
    compare(root, plugins, tmp_path, CLASSIFIERS[name].format(model=model, rate=RATE))


def test_a_classifier_of_two_threads_scores_on_two(root, plugins, tmp_path, monkeypatch):
    monkeypatch.setattr(LocalClassifier, "resources", lambda self: Resources(cores=2))
    compare(root, plugins, tmp_path, "hog-svm")


def compare(root, plugins, tmp_path, classifier):
    """Measure a classifier, keep it, and score the clips held out as a worker does."""
    choices = {
        "dataset": DATASET,
        "representations": ["mel"],
        "classifiers": [classifier],
        "folds": 0,
        "picture_height": 64,
        "picture_width": 64,
    }
    plan = make_plan(choices, plugins.catalogue.is_improvement)
    gallery = Gallery(root / "cache" / "pictures", 2**30)
    made, records = run(plan, plugins, Options(tmp_path, gallery, 1, here=True), Silent())
    (record,) = records
    assert record.status == "ok", record.reason
    (row,) = summarise(made).rows
    with session_at(root) as session:
        write_bundle(
            tmp_path / "one.sight", keep(Wish(made, row, "", training_side=True), plugins, session)
        )
    kept = read_bundle(tmp_path / "one.sight")
    table = made.predictions(record.cell).side("holdout")
    dataset = plugins.catalogue.build("dataset", plan.dataset)
    entries = {entry.id: entry for entry in dataset.entries()}
    clips = [dataset.read(entries[id]) for id in table.predictions.ids]
    scorer = restore(kept.detector, plugins.catalogue).scorer(kept)
    for together in (1, 7, 64):
        parts = [clips[at : at + together] for at in range(0, len(clips), together)]
        with threadpool_limits(1):  # as in every worker: two threads sum in another order
            found = np.concatenate([*map(scorer.scores, parts)])
        np.testing.assert_array_equal(found, table.predictions.scores)
