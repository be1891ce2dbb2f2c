"""The vendor's own SDK, unchanged, works against the local server."""

from __future__ import annotations

import time

import pytest
from PIL import Image

from harness import SightbenchError
from plugins.classifiers.nyckel.server.running import open_socket

PORT = 5000
"""The SDK follows paging links of a local server on this port alone."""


@pytest.fixture
def server(serving):
    try:
        open_socket("127.0.0.1", PORT).close()
    except SightbenchError:
        pytest.skip(f"port {PORT}, the only local one that the SDK knows, is taken")
    return serving(port=PORT, visible_after_s=0.2, settle_s=0.5)


def until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_the_official_sdk(server, cell, secret, monkeypatch):
    nyckel = pytest.importorskip("nyckel", reason="the vendor's SDK is not installed")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    credentials = nyckel.Credentials("test-client", secret, server.url)
    function = nyckel.ImageClassificationFunction.create("IsWhale", credentials)
    assert function.name == "IsWhale"
    assert not function.has_trained_model()

    pictures = [Image.fromarray(each) for each in cell.train.values]
    samples = [
        nyckel.ImageClassificationSample(
            data=nyckel.ImageEncoder().to_base64(picture),
            external_id=clip,
            annotation=nyckel.ClassificationAnnotation(str(label)),
        )
        for clip, picture, label in zip(cell.train.ids, pictures, cell.labels, strict=True)
    ]
    ids = function.create_samples(samples)
    assert len(set(ids)) == len(cell.train)
    assert {label.name for label in function.list_labels()} == {"whale", "noise"}
    until(function.has_trained_model)

    listed = function.list_samples()
    assert {each.id for each in listed} == set(ids)
    assert {each.external_id for each in listed} == set(cell.train.ids)
    right = [each.prediction.label_name == each.annotation.label_name for each in listed]
    assert sum(right) > 0.8 * len(right)
    assert all(0.5 <= each.prediction.confidence <= 1 for each in listed)

    # The very same pictures again: 409, and the ids of the samples that exist.
    again = function.create_samples([sample for sample in samples[:3] for _ in (0, 1)])
    assert again == [ids[0], ids[0], ids[1], ids[1], ids[2], ids[2]]

    sample = function.read_sample(ids[0])
    before = sample.annotation.label_name
    sample.annotation.label_name = "noise" if before == "whale" else "whale"
    function.update_annotation(sample)
    assert function.read_sample(ids[0]).annotation.label_name == sample.annotation.label_name

    encoder = nyckel.ImageEncoder()
    asked = [encoder.to_base64(Image.fromarray(each)) for each in cell.holdout.values]
    until(function.has_trained_model)
    answers = function.invoke(asked)
    right = [a.label_name == truth for a, truth in zip(answers, cell.truth, strict=True)]
    assert sum(right) > 0.8 * len(right)
    # The SDK does not say capture=false: the service keeps what it was asked about.
    until(lambda: len(function.list_samples()) == len(cell.train) + len(cell.holdout))

    function.delete_samples(ids[:2])
    until(lambda: len(function.list_samples()) == len(cell.train) + len(cell.holdout) - 2)
    label = function.list_labels()[0]
    function.update_label(nyckel.ClassificationLabel("renamed", label.id, "said so"))
    assert function.read_label(label.id).name == "renamed"
    function.delete_labels([label.id])
    function.delete()
    with pytest.raises(ValueError, match="404"):
        nyckel.ImageClassificationFunction(function.function_id, credentials)
    assert server.counters.limited == 0


def test_the_official_sdk_follows_pages(server, secret):
    nyckel = pytest.importorskip("nyckel", reason="the vendor's SDK is not installed")
    credentials = nyckel.Credentials("test-client", secret, server.url)
    function = nyckel.ImageClassificationFunction.create("ManyLabels", credentials)
    names = {f"label {number:03d}" for number in range(120)}
    function.create_labels(sorted(names))
    assert {label.name for label in function.list_labels()} == names
