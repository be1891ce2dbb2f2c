"""Facts that tell the classes apart without the signal."""

from __future__ import annotations

import numpy as np
import pytest

from harness.clips.facts import Facts
from harness.clips.telltales import fact_table, find_telltales
from harness.values import Origin


def known(seconds=1.0, rate=8000.0, channels=1, level_db=-20.0, kind="wav"):
    return Facts(Origin(rate, channels, seconds, kind), level_db=level_db)


@pytest.mark.parametrize(
    ("fact", "one", "other"),
    [
        ("length", known(seconds=1.0), known(seconds=2.0)),
        ("sample rate", known(rate=8000.0), known(rate=16000.0)),
        ("channels", known(channels=1), known(channels=2)),
        ("level", known(level_db=-20.0), known(level_db=-30.0)),
        ("level", known(level_db=-20.0), known(level_db=-np.inf)),
        ("file kind", known(kind="wav"), known(kind="mp3")),
    ],
)
def test_a_fact_that_differs_by_class_is_found_alone(fact, one, other):
    (found,) = find_telltales(["a", "b"] * 12, fact_table([one, other] * 12))
    assert (found.fact, found.accuracy, found.guessing) == (fact, 1.0, 0.5)


def test_lengths_that_overlap_are_found_as_far_as_they_tell():
    rng = np.random.default_rng(1)
    labels = ["a", "b"] * 200
    facts = [known(seconds=float(rng.normal(1 + (label == "b"), 1))) for label in labels]
    (found,) = find_telltales(labels, fact_table(facts))
    assert 0.6 < found.accuracy < 0.78  # the best rule is right for 69 %


@pytest.mark.parametrize("seed", range(20))
def test_luck_is_not_told(seed):
    rng = np.random.default_rng(seed)
    labels = list(rng.choice(["a", "b", "c"], 60))
    facts = [known(rng.gamma(2.0), float(rng.choice([8e3, 16e3])), 1, rng.normal()) for _ in labels]
    assert find_telltales(labels, fact_table(facts)) == ()


def test_a_rare_class_that_a_fact_names_is_found():
    labels = ["a"] * 190 + ["b"] * 40
    facts = [known(seconds=1.0 + (label == "b")) for label in labels]
    (found,) = find_telltales(labels, fact_table(facts))
    assert found.guessing == pytest.approx(190 / 230)
    assert found.accuracy == 1.0


def test_clips_without_facts_tell_nothing():
    assert find_telltales(["a", "b"] * 10, fact_table([None] * 20)) == ()
    assert fact_table([None, known()]).shape == (2, 5)
