"""A network that people bring for sounds: numbers by hand, what is asked, what is refused."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import ClassifierError, Features, ParameterError, Signals
from harness.testing import BoundCheck, conformance
from plugins.classifiers.sound_embedding.network import row_of
from plugins.classifiers.sound_embedding.plugin import SoundEmbedding
from plugins.classifiers.sound_embedding.windows import Hearing
from tests.plugins.classifiers.sound_embedding.networks import (
    NUMBERS,
    RATE,
    SAMPLES,
    WEIGHTS,
    write_network,
)

ENGINES = ("opencv", "onnxruntime")


@pytest.fixture
def model(tmp_path):
    return write_network(tmp_path / "listens.onnx")


def made(model, engine="opencv", **parameters):
    if engine == "onnxruntime":
        pytest.importorskip("onnxruntime")
    return SoundEmbedding(model=model, engine=engine, **{"rate": RATE, **parameters})


def sounds(clips=3, channels=1, samples=SAMPLES, rate=RATE, seed=0):
    shape = (clips, channels, samples)
    return Signals(np.random.default_rng(seed).normal(0, 0.1, shape).astype(np.float32), rate)


@pytest.mark.parametrize("engine", ENGINES)
def test_one_window_is_what_the_network_says_of_it(model, engine):
    signals = sounds()
    expected = np.maximum(signals.samples[:, 0] @ WEIGHTS, 0)
    np.testing.assert_allclose(made(model, engine).features(signals), expected, atol=1e-5)


@pytest.mark.parametrize("engine", ENGINES)
def test_windows_are_averaged_and_the_last_ends_with_the_clip(model, engine):
    signals = sounds(samples=2 * SAMPLES + 10)
    starts = (0, SAMPLES, SAMPLES + 10)
    parts = [signals.samples[:, 0, start : start + SAMPLES] @ WEIGHTS for start in starts]
    expected = np.mean([np.maximum(part, 0) for part in parts], axis=0)
    np.testing.assert_allclose(made(model, engine).features(signals), expected, atol=1e-5)


def test_a_short_clip_is_followed_by_zeros(model):
    signals = sounds(samples=20)
    expected = np.maximum(signals.samples[:, 0] @ WEIGHTS[:20], 0)
    np.testing.assert_allclose(made(model).features(signals), expected, atol=1e-5)


def test_another_rate_is_resampled_and_channels_are_averaged(model):
    signals = sounds(channels=2, samples=2 * SAMPLES, rate=2 * RATE)
    sound = [soxr.resample(clip.mean(axis=0), 2 * RATE, RATE) for clip in signals.samples]
    expected = np.maximum(np.stack(sound) @ WEIGHTS, 0)
    np.testing.assert_allclose(made(model).features(signals), expected, atol=1e-5)


def test_a_layer_is_kept_by_its_name(model):
    signals = sounds()
    dense = signals.samples[:, 0] @ WEIGHTS
    both = made(model, layers="dense positive").features(signals)
    np.testing.assert_allclose(both, np.hstack([dense, np.maximum(dense, 0)]), atol=1e-5)


def test_windows_are_standardised_where_that_is_asked(model):
    signals = sounds()
    sound = signals.samples[:, 0]
    levelled = (sound - sound.mean(axis=1, keepdims=True)) / sound.std(axis=1, keepdims=True)
    found = made(model, standardised=True).features(signals)
    np.testing.assert_allclose(found, np.maximum(levelled @ WEIGHTS, 0), atol=1e-4)
    silence = Signals(np.zeros((1, 1, SAMPLES), np.float32), RATE)
    assert not made(model, standardised=True).features(silence).any()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_open_length_takes_the_seconds_asked_for(tmp_path, engine):
    model = write_network(tmp_path / "open.onnx", ("batch", "samples"))
    found = made(model, engine, seconds=SAMPLES / RATE).features(sounds(samples=200))
    assert found.shape == (3, NUMBERS)
    fixed = made(write_network(tmp_path / "fixed.onnx"), engine).features(sounds(samples=200))
    np.testing.assert_allclose(found, fixed, atol=1e-6)


def test_the_batch_does_not_matter(model):
    signals = sounds(clips=9, samples=150)
    whole = made(model).features(signals)
    for clip in range(9):
        alone = made(model).features(Signals(signals.samples[clip : clip + 1], RATE))
        np.testing.assert_array_equal(alone[0], whole[clip])


def test_what_stands_beside_the_file_is_read(tmp_path):
    model = write_network(tmp_path / "open.onnx", ("batch", "samples"))
    said = {"sampling_rate": 1000, "chunk_length_s": 0.064, "do_normalize": True}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(said))
    beside = SoundEmbedding(model=model)
    given = made(model, seconds=0.064, standardised=True)
    np.testing.assert_array_equal(beside.features(sounds()), given.features(sounds()))
    assert (tmp_path / "preprocessor_config.json") in beside.files()
    loud = SoundEmbedding(model=model, standardised=False)
    assert not np.array_equal(loud.features(sounds()), given.features(sounds()))


@pytest.mark.parametrize(
    ("shape", "parameters", "words"),
    [
        ((1, SAMPLES), {"rate": None}, r"give rate= \(Hz\)\.$"),
        (("b", "n"), {"rate": None}, r"give rate= \(Hz\) and seconds=\.$"),
        (("b", "n"), {}, r"give seconds=\.$"),
        ((1, SAMPLES), {"seconds": 3.0}, "takes 64 samples, which are 0.064 s at 1000 Hz, not 3 s"),
        ((4, SAMPLES), {}, "takes 4 sounds or channels at once"),
        ((1, 3, 8, SAMPLES), {}, "is no sound in 32-bit numbers"),
        ((1, SAMPLES), {"layers": "dens"}, "has no layer 'dens'; the nearest are 'dense'"),
        (("b", "n"), {"seconds": 0.001}, "a window of 1 samples cannot be used"),
    ],
)
def test_what_is_not_known_is_asked_for_and_what_cannot_be_is_refused(
    tmp_path, shape, parameters, words
):
    model = write_network(tmp_path / "network.onnx", shape)
    with pytest.raises(ParameterError, match=words):
        made(model, **parameters)


def test_several_outputs_must_be_chosen_from(tmp_path):
    model = write_network(tmp_path / "two.onnx", outputs=("dense", "positive"))
    with pytest.raises(ParameterError, match=r"sound-embedding: .* puts out 'dense', 'positive'"):
        made(model)


@pytest.mark.parametrize("said", ["[]", "{", '{"sampling_rate": "x"}', '{"chunk_length_s": -1}'])
def test_a_damaged_file_beside_it_is_named(model, said):
    (Path(model).parent / "preprocessor_config.json").write_text(said)
    with pytest.raises(ParameterError, match=r"preprocessor_config\.json cannot be used"):
        made(model)


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x07:\x02\x0a\x00"])
def test_what_is_no_network_is_refused(tmp_path, content):
    file = tmp_path / "file.onnx"
    file.write_bytes(content)
    with pytest.raises(
        ParameterError, match=r"sound-embedding: .*(no ONNX network|puts out nothing)"
    ):
        made(str(file))
    with pytest.raises(ParameterError, match=r"sound-embedding: model=.* cannot be read"):
        made(str(tmp_path / "nothing.onnx"))


@pytest.mark.parametrize("engine", ENGINES)
def test_what_passes_and_breaks_an_engine_fails_in_a_sentence(tmp_path, engine):
    model = write_network(tmp_path / "odd.onnx", (1, SAMPLES + 1))
    with pytest.raises(ClassifierError, match=f"{engine} cannot run .*try the other engine="):
        made(model, engine).features(sounds())


def test_values_that_are_no_numbers_are_refused(model, monkeypatch):
    from plugins.classifiers.sound_embedding import network

    monkeypatch.setattr(network, "row_of", lambda layer: np.full(3, np.nan, np.float32))
    with pytest.raises(ClassifierError, match="not finite numbers"):
        made(model).features(sounds())


def test_frames_are_averaged():
    frames = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    assert row_of(frames).tolist() == [1.5, 2.5, 3.5]
    assert row_of(frames[0]).tolist() == [1.5, 2.5, 3.5]
    assert row_of(frames[0, :1]).tolist() == [0, 1, 2]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 300), st.integers(2, 100))
def test_windows_cover_the_whole_clip_in_order(length, samples):
    sound = np.arange(1, length + 1, dtype=np.float32)[None]
    windows = Hearing(RATE, samples).windows(sound, RATE)
    assert windows.shape == (-(-length // samples), samples)
    assert set(windows.ravel().tolist()) - {0} == set(sound.ravel().tolist())
    heard = [window[window > 0] for window in windows]
    assert all((np.diff(window) == 1).all() for window in heard)


def test_a_head_learns_from_it(model):
    rng = np.random.default_rng(0)
    labels = np.where(np.arange(60) % 2, "tone", "noise")
    time_s = np.arange(SAMPLES) / RATE
    tones = np.sin(2 * np.pi * 100 * time_s) * (labels == "tone")[:, None]
    samples = (tones + rng.normal(0, 0.3, tones.shape)).astype(np.float32)[:, None]
    classifier = made(model, layers="dense", components=4)
    ids = tuple(f"{number:02d}" for number in range(60))
    features = Features(classifier.features(Signals(samples, RATE)), ids)
    said = classifier.fit(features, labels, np.random.default_rng(0)).predict(features)
    assert (np.array(said.labels) == labels).mean() > 0.9


KEPT = tempfile.TemporaryDirectory(prefix="sightbench-")
EXAMINED = SoundEmbedding(model=write_network(Path(KEPT.name) / "listens.onnx"), rate=RATE)


@conformance(EXAMINED)
def test_contract(conformance_check: BoundCheck) -> None:
    conformance_check()
