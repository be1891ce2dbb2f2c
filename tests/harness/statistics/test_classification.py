"""Scores of classes are those of scikit-learn, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from harness.statistics.classification import precision_recall_f1, roc_auc

CLASSES = 4
SCORES = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.25, 0.5, 1.0]))


@given(
    st.lists(
        st.tuples(st.integers(0, CLASSES - 1), st.integers(-1, CLASSES - 1)),
        min_size=1,
        max_size=60,
    )
)
def test_precision_recall_and_f1_are_the_library_s(pairs):
    truth, predicted = np.array(pairs).T
    ours = precision_recall_f1(truth, predicted, CLASSES)
    theirs = precision_recall_fscore_support(
        truth, predicted, labels=np.arange(CLASSES), zero_division=0
    )
    for one, other in zip(ours, theirs, strict=True):
        assert one.tolist() == other.tolist()


@given(st.lists(st.tuples(st.booleans(), SCORES), min_size=2, max_size=60))
def test_the_area_is_the_library_s(pairs):
    positive = np.array([hit for hit, _ in pairs])
    if positive.all() or not positive.any():
        return
    scores = np.array([score for _, score in pairs])
    assert roc_auc(positive, scores) == roc_auc_score(positive, scores)


def test_areas_of_many_clips_are_the_library_s():
    rng = np.random.default_rng(0)
    for decimals in (1, 2, 16):
        scores = rng.random(5000).round(decimals)
        positive = rng.random(5000) < scores
        assert roc_auc(positive, scores) == roc_auc_score(positive, scores)


@pytest.mark.parametrize(("scores", "area"), [([1, 2, 3, 4], 1.0), ([4, 3, 2, 1], 0.0)])
def test_known_areas(scores, area):
    assert roc_auc([False, False, True, True], scores) == area
    assert roc_auc([False, False, True, True], [1, 1, 1, 1]) == 0.5
