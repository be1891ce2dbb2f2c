from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from harness import ClassifierError, Features, ParameterError
from plugins.classifiers.cnn import Cnn
from plugins.classifiers.cnn.validation import LEAST

torch = pytest.importorskip("torch", reason="the cnn needs torch: pip install 'sightbench[cnn]'")

SMALL = Cnn(height=16, width=16, epochs=1, validation=0.1)


def striped(clips, seed=0, groups=(), classes=2):
    """Pictures of light rows, whose class says in which part the rows lie."""
    rng = np.random.default_rng(seed)
    numbers = np.arange(clips) % classes
    values = rng.integers(0, 100, (clips, 16, 16, 3)).astype(np.uint8)
    for picture, number in zip(values, numbers, strict=True):
        picture[4 * number : 4 * number + 3] += 120
    ids = tuple(f"clip {seed}-{row:04d}" for row in range(clips))
    return Features(values, ids, groups), np.array([f"class {n}" for n in numbers])


def fitted(classifier=SMALL, seed=0, clips=24):
    features, labels = striped(clips)
    return classifier.fit(features, labels, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def learnt():
    return fitted()


def state():
    return (
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_rng_state().tolist(),
        np.random.get_state()[1].tolist(),
    )


def test_a_picture_gets_the_same_bytes_whatever_is_asked_with_it(learnt):
    features, _ = striped(70, seed=1)
    whole = learnt.predict(features)
    order = np.random.default_rng(0).permutation(70)
    for rows in (order, order[:1], order[:33]):
        part = learnt.predict(features.take(rows))
        assert part.scores.tobytes() == whole.scores[rows].tobytes()
    np.testing.assert_allclose(whole.scores.sum(axis=1), 1, rtol=1e-12)


def test_what_has_learnt_is_arrays_and_predicts_the_same_after_pickling(learnt):
    network = learnt.probabilities
    assert all(type(array) is np.ndarray for array in network.weights.values())
    written = pickle.dumps(learnt)
    assert b"torch" not in written
    features, _ = striped(9, seed=2)
    again = pickle.loads(written).predict(features)
    assert again.scores.tobytes() == learnt.predict(features).scores.tobytes()


def test_torch_is_left_as_it_was():
    torch.set_num_threads(2)
    before = state()
    features, _ = striped(3)
    fitted().predict(features)
    assert state() == before


def test_an_interrupt_between_batches_ends_it_and_leaves_torch_as_it_was(monkeypatch):
    from plugins.classifiers.cnn import training

    steps = []

    def interrupted(*args):
        steps.append(1)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(training, "follow", interrupted)
    before = state()
    with pytest.raises(KeyboardInterrupt):
        fitted()
    assert len(steps) == 1
    assert state() == before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")
def test_a_termination_ends_its_process_at_once():
    code = (
        "import numpy as np; from harness import Features; from plugins.classifiers.cnn import Cnn;"
        "import plugins.classifiers.cnn.training as training; follow = training.follow\n"
        "def told(*args): print('learning', flush=True); follow(*args)\n"
        "training.follow = told\n"
        "shown = Features(np.zeros((40, 16, 16, 3), np.uint8), tuple(map(str, range(40))))\n"
        "classifier = Cnn(height=16, width=16, epochs=1000)\n"
        "classifier.fit(shown, np.array(['a', 'b'] * 20), np.random.default_rng(0))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"learning\n"
        process.terminate()
        assert process.wait(60) == -signal.SIGTERM


def test_the_seed_decides():
    features, _ = striped(6, seed=3)
    one, same, other = (fitted(seed=seed).predict(features).scores for seed in (1, 1, 2))
    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


def test_groups_follow_their_pictures_when_rows_come_in_another_order(monkeypatch):
    from plugins.classifiers.cnn import training

    monkeypatch.setattr(training, "LEAST_STEPS", 1)
    names = tuple(f"tape {row // 20}" for row in range(600))
    features, labels = striped(600, groups=names)
    mixed = np.random.default_rng(0).permutation(600)
    asked = features.take(range(5))
    one = SMALL.fit(features, labels, np.random.default_rng(0)).predict(asked)
    other = SMALL.fit(features.take(mixed), labels[mixed], np.random.default_rng(0)).predict(asked)
    assert one.scores.tobytes() == other.scores.tobytes()


def test_training_stops_in_its_second_half_when_what_is_held_back_gets_no_better(monkeypatch):
    from plugins.classifiers.cnn import training

    monkeypatch.setattr(training, "LEAST_STEPS", 1)
    losses = iter([3.0, 1.0, 2.0, 2.0, 0.5])
    kept, asked, epochs = [], [], []

    def loss(self, watched):
        asked.append(len(watched))
        epochs.append(self.steps // self.batches)
        kept.append(training.weights_of(self.average)["last.matrix"])
        return next(losses)

    monkeypatch.setattr(training.Training, "loss", loss)
    features, labels = striped(10 * LEAST)
    classifier = replace(SMALL, epochs=10, patience=1)
    found = classifier.fit(features, labels, np.random.default_rng(0))
    assert asked == [LEAST] * 4
    assert epochs == [6, 7, 8, 9]
    np.testing.assert_array_equal(found.probabilities.weights["last.matrix"], kept[1])


def test_all_clips_are_learnt_from_unless_some_are_to_be_held_back(monkeypatch):
    from plugins.classifiers.cnn import training

    seen = []
    monkeypatch.setattr(training.Training, "epoch", lambda self: seen.append(len(self.lesson)))
    features, labels = striped(10 * LEAST)
    for share in (0.0, 0.1):
        replace(SMALL, validation=share).fit(features, labels, np.random.default_rng(0))
    assert (max(seen), min(seen)) == (10 * LEAST, 9 * LEAST)


def test_balanced_classes_bring_the_rare_one_forward():
    features, _ = striped(60)
    blank = replace(features, values=np.zeros_like(features.values))
    labels = np.array(["rare"] * 6 + ["usual"] * 54)
    shares = {}
    for weights in ("equal", "balanced"):
        classifier = replace(SMALL, class_weights=weights)
        said = classifier.fit(blank, labels, np.random.default_rng(0)).predict(blank)
        shares[weights] = said.scores[0, 0]
    assert shares["equal"] < 0.4
    assert shares["balanced"] == pytest.approx(0.5, abs=0.05)


def test_a_rate_that_is_too_large_is_named(monkeypatch):
    from plugins.classifiers.cnn import training

    monkeypatch.setattr(training.Training, "_step", lambda self, rows: float("nan"))
    with pytest.raises(ClassifierError, match=r"rate=0.003; choose a smaller rate"):
        fitted()


def test_pictures_too_small_for_four_halvings_are_refused():
    with pytest.raises(ParameterError, match=r"height=8 is below the least that it takes, 16"):
        Cnn(height=8)


def test_weights_become_tensors_and_weights_again(learnt):
    from plugins.classifiers.cnn.network import tensors_of, weights_of

    weights = learnt.probabilities.weights
    again = weights_of(tensors_of(weights))
    assert again.keys() == weights.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(again[name], array)


def test_torch_is_imported_when_it_learns_and_not_before():
    code = "import sys, plugins.classifiers.cnn; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
