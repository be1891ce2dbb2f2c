from __future__ import annotations

import numpy as np
import pytest

from harness import ClassifierError, Features, Signals
from plugins.classifiers.minirocket import MiniRocket, of_length
from plugins.classifiers.ridge import STEEPEST, learn_ridge, steepness_for

pytest.importorskip("aeon", reason="needs aeon: pip install 'sightbench[time-series]'")

FEW = MiniRocket(kernels=84)


def archive(name):
    """Read one of the sets that aeon brings along, with its own split."""
    from plugins.datasets.time_series import TimeSeries

    dataset = TimeSeries(series=name)
    entries = dataset.entries()
    samples = np.stack([dataset.read(entry).samples for entry in entries])
    train = np.array([entry.side == "train" for entry in entries])
    labels = np.array([entry.label for entry in entries])
    return samples, train, labels, tuple(entry.id for entry in entries)


def waves(clips, channels=1, points=60, seed=0):
    """Sines of two frequencies at random phases, in noise."""
    rng = np.random.default_rng(seed)
    numbers = np.arange(clips) % 2
    phases = rng.uniform(0, 2 * np.pi, (clips, channels, 1))
    samples = np.sin(np.arange(points) * (0.3 + 0.3 * numbers)[:, None, None] + phases)
    samples += 0.1 * rng.standard_normal(samples.shape)
    signals = Signals(samples.astype(np.float32), 100.0)
    ids = tuple(f"{seed}-{row:03d}" for row in range(clips))
    return signals, ids, np.array([f"class {number}" for number in numbers])


def learnt(classifier=FEW, seed=0, **shape):
    signals, ids, labels = waves(40, **shape)
    features = Features(classifier.features(signals), ids)
    return classifier.fit(features, labels, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("name", "published"),
    [("GunPoint", 0.99), ("ItalyPowerDemand", 0.96), ("ArrowHead", 0.86), ("OSULeaf", 0.96),
     ("ACSF1", 0.91)],
)  # fmt: skip
def test_sets_of_the_archive_are_told_apart_as_well_as_published(name, published):
    samples, train, labels, ids = archive(name)
    classifier = MiniRocket()
    features = Features(classifier.features(Signals(samples, 1.0)), ids)
    rows, asked = np.flatnonzero(train), np.flatnonzero(~train)
    known = classifier.fit(features.take(rows), labels[rows], np.random.default_rng(0))
    found = known.predict(features.take(asked))
    # Draws of biases differ by two points on the small sets.
    assert np.mean(np.asarray(found.labels) == labels[asked]) >= published - 0.02
    np.testing.assert_allclose(found.scores.sum(axis=1), 1, rtol=1e-12)


def test_features_are_aeons_and_the_ridge_is_scikit_learns():
    from aeon.classification.convolution_based import MiniRocketClassifier

    samples, train, labels, ids = archive("ArrowHead")
    rows, asked = np.flatnonzero(train), np.flatnonzero(~train)
    features = Features(samples, ids)
    rng = np.random.default_rng(5)
    known = MiniRocket().fit(features.take(rows), labels[rows], rng)
    in_order = rows[np.argsort(np.asarray(ids)[rows], kind="stable")]
    theirs = MiniRocketClassifier(random_state=int(np.random.default_rng(5).integers(2**31)))
    theirs.fit(samples[in_order], labels[in_order])
    np.testing.assert_array_equal(
        known.predict(features.take(asked)).labels, theirs.predict(samples[asked])
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_waves_are_told_apart_in_any_order(channels):
    signals, ids, labels = waves(30, channels=channels, seed=1)
    found = learnt(channels=channels)
    asked = Features(FEW.features(signals), ids)
    whole = found.predict(asked)
    assert np.mean(np.asarray(whole.labels) == labels) > 0.9
    order = np.random.default_rng(0).permutation(30)
    mixed = found.predict(asked.take(order))
    np.testing.assert_allclose(mixed.scores, whole.scores[order], atol=1e-9)


def test_the_seed_decides_and_numpys_own_draws_are_left_alone():
    signals, ids, _ = waves(9, seed=2)
    asked = Features(FEW.features(signals), ids)
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    one, same, other = (learnt(seed=seed).predict(asked).scores for seed in (1, 1, 2))
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_features_are_the_signals_themselves():
    signals, _, _ = waves(3)
    np.testing.assert_array_equal(FEW.features(signals), signals.samples)
    assert FEW.features(signals).dtype == np.float32
    assert FEW.looks_at == "signals"


def test_clips_are_cut_at_the_end_or_go_on_with_their_mean():
    samples = np.arange(8, dtype=np.float32).reshape(2, 1, 4)
    np.testing.assert_array_equal(of_length(samples, 3), samples[..., :3])
    longer = of_length(samples, 6)
    np.testing.assert_array_equal(longer[..., :4], samples)
    np.testing.assert_array_equal(longer[:, 0, 4:], [[1.5, 1.5], [5.5, 5.5]])


def test_clips_of_different_lengths_are_made_equal_where_asked():
    classifier = MiniRocket(kernels=84, points=60)
    parts = [waves(20, points=points, seed=points) for points in (40, 60)]
    values = np.concatenate([classifier.features(signals) for signals, _, _ in parts])
    features = Features(values, parts[0][1] + parts[1][1])
    labels = np.concatenate([part[2] for part in parts])
    found = classifier.fit(features, labels, np.random.default_rng(0)).predict(features)
    assert np.mean(np.asarray(found.labels) == labels) > 0.9


def test_clips_of_different_lengths_are_refused_by_the_run_unless_points_are_given(run_plan):
    names = ["minirocket[kernels=84]", "minirocket[kernels=84,points=1000]"]
    _, records, _ = run_plan(dataset="tones[uneven=100]", classifiers=names)
    found = {str(record.cell.classifier): record for record in records}
    assert "(1, 1000), those of tone-2 have (1, 1100)" in found[names[0]].reason
    assert found[names[1]].status == "ok", found[names[1]].reason
    assert found[names[1]].holdout.accuracy > 0.9


def test_clips_shorter_than_the_kernels_are_refused_with_the_remedy():
    with pytest.raises(ClassifierError, match=r"8 points is shorter.*points=9"):
        FEW.features(Signals(np.zeros((1, 1, 8), np.float32), 1.0))


def test_one_class_and_flat_signals_give_probabilities():
    flat = Features(np.ones((20, 1, 30), np.float32), tuple(map(str, range(20))))
    one = FEW.fit(flat, np.array(["x"] * 20), np.random.default_rng(0)).predict(flat)
    assert set(one.labels) == {"x"}
    two = FEW.fit(flat, np.array(["x", "y"] * 10), np.random.default_rng(0)).predict(flat)
    np.testing.assert_allclose(two.scores, 0.5)


def test_the_penalty_and_the_classes_are_those_of_scikit_learn():
    from sklearn.linear_model import RidgeClassifierCV

    rng = np.random.default_rng(0)
    numbers = np.arange(90) % 3
    rows = (rng.standard_normal((90, 20)) + np.eye(3, 20)[numbers]).astype(np.float32)
    scaled = rows / rows.std(axis=0)
    reference = RidgeClassifierCV(np.logspace(-3, 3, 10)).fit(scaled, numbers)
    found = learn_ridge(rows.copy(), numbers)(rows)
    np.testing.assert_array_equal(found.argmax(axis=1), reference.predict(scaled))


def test_decisions_that_say_little_become_probabilities_that_say_little():
    rng = np.random.default_rng(0)
    numbers = rng.integers(2, size=4000)
    sign = np.where(rng.random(4000) < 0.75, 1, -1) * (2 * numbers - 1)
    decisions = np.stack([-sign, sign], axis=1).astype(float)
    factor = steepness_for(decisions, numbers)
    assert 1 / (1 + np.exp(-2 * factor)) == pytest.approx(0.75, abs=0.02)


def test_decisions_that_are_never_wrong_do_not_become_certainties():
    numbers = np.arange(10) % 2
    decisions = np.stack([1.0 - numbers, numbers * 1.0], axis=1)
    assert steepness_for(decisions, numbers) <= STEEPEST


def test_balanced_a_rare_class_is_found_more_often():
    signals, ids, labels = waves(240)
    samples = signals.samples + np.random.default_rng(3).normal(0, 2.5, signals.samples.shape)
    kept = np.flatnonzero((labels == "class 0") | (np.arange(240) % 10 == 1))
    features = Features(FEW.features(Signals(samples.astype(np.float32), 100.0)), ids)
    asked, truth = features.take(np.flatnonzero(labels == "class 1")), "class 1"
    found = {}
    for weights in ("equal", "balanced"):
        classifier = MiniRocket(kernels=84, class_weights=weights)
        known = classifier.fit(features.take(kept), labels[kept], np.random.default_rng(0))
        found[weights] = (np.array(known.predict(asked).labels) == truth).mean()
    assert found["balanced"] > found["equal"] + 0.1


def test_clips_that_count_twice_are_as_good_as_two():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(30, 4)).astype(np.float32)
    numbers = (rows[:, 0] + rng.normal(size=30) > 0).astype(np.intp)
    twice = np.arange(30) < 10
    decisions = rng.normal(size=(30, 2))
    weighed = steepness_for(decisions, numbers, np.where(twice, 2.0, 1.0))
    again = np.concatenate([np.arange(30), np.flatnonzero(twice)])
    assert weighed == pytest.approx(steepness_for(decisions[again], numbers[again]))
