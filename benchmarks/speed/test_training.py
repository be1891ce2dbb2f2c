"""How long classifiers take to learn."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from benchmarks.speed.table import TRAINING
from harness import Classifier
from harness.conformance import examples
from plugins.classifiers.cnn import Cnn
from plugins.classifiers.patches_logistic import PatchesLogistic
from plugins.classifiers.pca_svm import PcaSvm

CLIPS = 2_800
ROUNDS = 3
CLASSIFIERS: dict[str, Classifier] = {
    "cnn": Cnn(),
    "pca-svm": PcaSvm(),
    "patches-logistic": PatchesLogistic(),
}


@pytest.mark.benchmark(timer=time.process_time)
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("what", CLASSIFIERS)
def test_training(benchmark: Any, what: str) -> None:
    classifier = CLASSIFIERS[what]
    if missing := classifier.unavailable():
        pytest.skip(f"{classifier.name} {missing}")
    clips = 80 if benchmark.disabled else CLIPS
    shown, labels = examples.shown_to(classifier, clips, contrast=20)
    features = examples.features_of(classifier, shown)
    benchmark.group = TRAINING
    benchmark.extra_info.update(what=what, clips=clips)
    fitted = benchmark.pedantic(
        lambda: classifier.fit(features, labels, np.random.default_rng(0)),
        rounds=ROUNDS,
    )
    assert fitted.predict(features).ids == shown.ids
