from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from harness.statistics.agreement import compare_predictions, kappa, oracle_accuracy
from harness.statistics.calibration import brier_score, log_loss, reliability


def test_kappa_of_a_published_example() -> None:
    """Fleiss, Levin and Paik (2003), "Statistical Methods for Rates and Proportions", 3rd
    edition, section 18.1: psychotic, neurotic, organic; 75, 1, 4 / 5, 4, 1 / 0, 0, 10 of 100;
    kappa is 0.68."""
    counts = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
    pairs = [(str(i), str(j)) for i in range(3) for j in range(3) for _ in range(counts[i][j])]
    first, second = zip(*pairs, strict=True)
    assert kappa(first, second) == pytest.approx(0.68, abs=0.005)


def test_kappa_is_undefined_where_nobody_ever_differs() -> None:
    assert kappa(["a"] * 4, ["a"] * 4) is None
    assert kappa(["a", "b"], ["a", "b"]) == 1.0


def test_clips_are_sorted_by_who_was_right() -> None:
    truth = ["a", "a", "b", "b", "b"]
    found = compare_predictions(truth, ["a", "b", "b", None, "a"], ["a", "a", None, None, "a"])
    assert found.both.tolist() == [0]
    assert found.only_first.tolist() == [2]
    assert found.only_second.tolist() == [1]
    assert found.neither.tolist() == [3, 4]
    assert found.agreement == pytest.approx(3 / 5)
    assert found.oracle == pytest.approx(3 / 5)


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from("abc")] * 3), min_size=1, max_size=40))
def test_the_four_lists_are_all_clips(rows: list[tuple[str, str, str]]) -> None:
    truth, first, second = zip(*rows, strict=True)
    found = compare_predictions(truth, first, second)
    parts = np.concatenate([found.both, found.only_first, found.only_second, found.neither])
    assert sorted(parts.tolist()) == list(range(len(rows)))
    assert found.oracle == pytest.approx(1 - len(found.neither) / len(rows))
    turned = compare_predictions(truth, second, first)
    assert turned.kappa == pytest.approx(found.kappa)
    assert turned.only_second.tolist() == found.only_first.tolist()


def test_agreement_needs_one_prediction_of_each() -> None:
    with pytest.raises(ValueError, match="two predictions"):
        compare_predictions(["a"], ["a"], [])
    with pytest.raises(ValueError, match="two predictions"):
        compare_predictions([], [], [])


def test_an_oracle_of_three_cells() -> None:
    assert oracle_accuracy([[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 1]]) == 0.75


def test_brier_of_two_classes_is_halved() -> None:
    """scikit-learn's documentation of brier_score_loss: 0.1, 0.9, 0.8, 0.3 for truths 0, 1, 1, 0
    gives 0.0375."""
    yes = np.array([0.1, 0.9, 0.8, 0.3])
    table = np.column_stack([1 - yes, yes])
    assert brier_score(table, [0, 1, 1, 0]) == pytest.approx(0.0375)


def test_brier_of_certainty() -> None:
    assert brier_score(np.eye(3), [0, 1, 2]) == 0
    assert brier_score(np.eye(3), [1, 2, 0]) == 2
    assert brier_score(np.eye(2), [1, 0]) == 1


def test_log_loss_of_a_coin_is_the_logarithm_of_two() -> None:
    assert log_loss(np.full((4, 2), 0.5), [0, 1, 1, 0]) == pytest.approx(np.log(2))
    assert np.isfinite(log_loss(np.eye(2), [1, 0]))


def test_reliability_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    sure = rng.random(500)
    right = rng.random(500) < sure**2
    found = reliability(sure, right)
    filled = [each for each in found.bins if each.count]
    accuracy, confidence = calibration_curve(right, sure, n_bins=10)
    assert [each.accuracy for each in filled] == pytest.approx(accuracy.tolist())
    assert [each.confidence for each in filled] == pytest.approx(confidence.tolist())
    counts = np.array([each.count for each in filled])
    expected = (counts * np.abs(accuracy - confidence)).sum() / 500
    assert found.expected_calibration_error == pytest.approx(expected)


def test_edges_belong_to_the_bin_below_and_nothing_is_lost() -> None:
    found = reliability([0.0, 0.5, 1.0], [False, True, True], bins=2)
    assert [each.count for each in found.bins] == [2, 1]
    empty = reliability([1.0], [True], bins=2).bins[0]
    assert (empty.count, empty.confidence, empty.accuracy) == (0, None, None)


def test_honest_probabilities_have_almost_no_error_and_boasts_do() -> None:
    rng = np.random.default_rng(1)
    sure = rng.uniform(0.5, 1, 20_000)
    right = rng.random(20_000) < sure
    assert reliability(sure, right).expected_calibration_error < 0.02
    boast = reliability(np.ones(20_000), right)
    assert boast.expected_calibration_error == pytest.approx(1 - right.mean())


def test_calibration_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="confidence"):
        reliability([0.5], [True, False])
    with pytest.raises(ValueError, match="one row of probabilities"):
        brier_score(np.eye(2), [0])
    with pytest.raises(ValueError, match="one row of probabilities"):
        log_loss(np.zeros((0, 2)), [])
