"""The classifier: stateless features, heads, parameters, and life in workers."""

from __future__ import annotations

import dataclasses
import multiprocessing
import pickle
import subprocess
import sys

import cv2
import numpy as np
import pytest

from harness import Features, ParameterError, Pictures, Unavailable
from plugins.classifiers.transfer import engines
from plugins.classifiers.transfer.heads import HEADS, standardise
from plugins.classifiers.transfer.network import network_of
from plugins.classifiers.transfer.plugin import Transfer
from plugins.classifiers.transfer.weights import PACKAGE

SMALL = 64
"""The smallest side that the network takes: fast, and the same code."""


@pytest.fixture
def small(weights) -> Transfer:
    return Transfer(size=SMALL)


@pytest.fixture
def threads():
    """Set OpenCV's threads, and put them back."""
    before = cv2.getNumThreads()
    yield cv2.setNumThreads
    cv2.setNumThreads(before)


def part(pictures: Pictures, rows: slice) -> Pictures:
    return Pictures(pictures.pixels[rows], pictures.ids[rows])


@pytest.mark.parametrize("engine", ["opencv", "onnxruntime"])
def test_features_are_the_same_bytes_whatever_the_batch_and_the_threads(
    weights, noise, threads, engine
):
    if engine == "onnxruntime":
        pytest.importorskip(engine, reason="onnxruntime is not installed")
    plugin = Transfer(engine=engine)
    threads(1)
    whole = plugin.features(noise)
    assert whole.shape == (33, 2728)
    assert whole.dtype == np.float16
    for count in (1, 2):
        threads(count)
        for size in (1, 5, 33):
            starts = range(0, len(noise), size)
            batches = [plugin.features(part(noise, slice(s, s + size))) for s in starts]
            assert np.concatenate(batches).tobytes() == whole.tobytes()
    order = np.random.default_rng(0).permutation(len(noise))
    mixed = plugin.features(Pictures(noise.pixels[order], tuple(noise.ids[n] for n in order)))
    assert mixed.tobytes() == whole[order].tobytes()


def _features_elsewhere(task: tuple[Transfer, Pictures]) -> bytes:
    plugin, pictures = task
    return plugin.features(pictures).tobytes()


def test_another_process_builds_its_own_network_and_gives_the_same(small, noise):
    few = part(noise, slice(0, 3))
    here = small.features(few).tobytes()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(_features_elsewhere, [(small, few)]) == [here]


def test_nothing_but_opencv_is_needed(weights):
    """In a process of its own: torch, the package of weights and onnxruntime stay outside."""
    code = (
        "import sys, numpy as np; from harness import Pictures; "
        "from plugins.classifiers.transfer.plugin import Transfer; "
        "Transfer(size=64).features(Pictures(np.zeros((1, 9, 9, 3), np.uint8), ('a',))); "
        f"print(sorted({{'torch', 'onnx', 'onnxruntime', '{PACKAGE}'}} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_engines_agree(weights, noise):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    few = part(noise, slice(0, 4))
    one, other = (Transfer(size=64, engine=name).features(few) for name in engines.ENGINES)
    np.testing.assert_allclose(one.astype(float), other.astype(float), rtol=2e-3, atol=2e-3)


def test_a_plugin_travels_by_its_parameters_alone(small):
    small.features(Pictures(np.zeros((1, 8, 8, 3), np.uint8), ("a",)))
    sent = pickle.dumps(small)
    assert len(sent) < 2000
    assert pickle.loads(sent) == small


def test_the_network_is_built_once_for_all_heads(weights):
    one, other = (Transfer(size=SMALL, head=head) for head in HEADS)
    assert network_of(one.recipe()) is network_of(other.recipe())


def test_only_the_heads_parameters_leave_the_features_alone(weights):
    names = {each.name for each in dataclasses.fields(Transfer)}
    assert set(Transfer.head_parameters) < names
    plain = Transfer()
    changed = {"head": "logistic", "components": 7, "penalty": 0.5, "sharpness": 2.0}
    changed |= {"exact_up_to": 50, "class_weights": "balanced"}
    assert set(changed) == set(Transfer.head_parameters)
    for name, value in changed.items():
        assert dataclasses.replace(plain, **{name: value}).recipe() == plain.recipe()
    for name, value in {"size": 96, "layers": "stage5", "engine": "onnxruntime"}.items():
        assert dataclasses.replace(plain, **{name: value}).recipe() != plain.recipe()


def test_layers_by_name_are_part_of_the_recipe(weights, noise):
    few = part(noise, slice(0, 2))
    chosen = Transfer(layers="stage4@maximum stage5@rows").features(few)
    whole = Transfer().features(few)
    assert chosen.shape == (2, 80 + 2 * 8 * 112)
    np.testing.assert_allclose(chosen[:, :80], whole[:, 120:200], atol=0.02)
    np.testing.assert_allclose(chosen[:, 80:], whole[:, 424:2216], atol=0.02)


@pytest.mark.parametrize("head", sorted(HEADS))
def test_every_head_learns(weights, easy, head):
    train, holdout = easy
    plugin = Transfer(size=64, head=head)
    shown = Features(plugin.features(train.pictures), train.pictures.ids)
    asked = Features(plugin.features(holdout.pictures), holdout.pictures.ids)
    found = plugin.fit(shown, train.labels, np.random.default_rng(0)).predict(asked)
    assert np.mean(np.asarray(found.labels) == holdout.labels) > 0.95


def test_the_frequency_axis_is_kept(weights):
    """One bar at two heights: the columns "rows" alone can tell them by place."""
    pixels = np.zeros((2, 128, 128, 3), np.uint8)
    pixels[0, 24:32] = pixels[1, 88:96] = 255
    bars = Pictures(pixels, ("high", "low"))
    rows = Transfer(layers="stage5@rows").features(bars).astype(float)
    maxima = rows.reshape(2, 2, 8, 112)[:, 1]
    steps = np.abs(np.diff(maxima, axis=1)).sum(axis=2)
    assert steps[0, :3].sum() > 1.5 * steps[0, 4:].sum()
    assert steps[1, 4:].sum() > 1.5 * steps[1, :3].sum()


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"size": 100}, "at least 64 pixels and a multiple of 32"),
        ({"size": 32}, "at least 64 pixels and a multiple of 32"),
        ({"size": 4}, "below the least"),
        ({"layers": "stage9"}, "has no layer 'stage9'; it has stage1, stage2"),
        ({"mean": 0.5}, "mean= belongs to a network of your own; give model="),
        ({"head": "svn"}, "is none of svm, logistic"),
        ({"engine": "torch"}, "is none of opencv, onnxruntime"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_runs(parameters, why):
    with pytest.raises(ParameterError, match=why):
        Transfer(**parameters)


def test_an_engine_that_is_not_installed_is_named(weights, monkeypatch, noise):
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="pip install onnxruntime"):
        Transfer(engine="onnxruntime", size=96).features(part(noise, slice(0, 1)))


def test_columns_are_standardised_by_training_alone():
    rng = np.random.default_rng(0)
    values = np.hstack([rng.normal(5, 3, (3000, 4)), np.full((3000, 1), 9.0)]).astype(np.float16)
    found = standardise(values)(values)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(found.std(axis=0), [1, 1, 1, 1, 0], atol=1e-3)
    assert (standardise(values)(values[:5]) == found[:5]).all()
