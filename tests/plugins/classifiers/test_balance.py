"""Balanced classes: the rare one is found as often as the common one, and the record says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from harness import Features, Pictures
from plugins.classifiers.balance import clip_weights
from plugins.classifiers.committee import Committee
from plugins.classifiers.hog_svm import HogSvm
from plugins.classifiers.patches_logistic import PatchesLogistic
from plugins.classifiers.pca_svm import PcaSvm
from plugins.classifiers.pixels_logistic import PixelsLogistic
from plugins.classifiers.texture_svm import TextureSvm
from plugins.classifiers.transfer.plugin import Transfer

RARE, USUAL = 40, 360

CLASSIFIERS = [
    PixelsLogistic(size=8),
    PcaSvm(size=8, components=8),
    HogSvm(size=16, cell=8, components=8),
    TextureSvm(size=16, rows=2, columns=1, radii=1, components=8),
    PatchesLogistic(size=16, patch=4, words=8, parts=2, samples=1000),
]


def edges(seed: int) -> tuple[Pictures, np.ndarray]:
    """Pictures with an edge: that of the rare class is a little stronger, on the mean."""
    rng = np.random.default_rng(seed)
    rare = np.arange(RARE + USUAL) < RARE
    strength = rng.normal(np.where(rare, 70, 40), 20)[:, None, None]
    noise = rng.normal(0, 12, (len(rare), 16, 16))
    levels = 100 + noise + strength * (np.arange(16)[None, :, None] > 7)
    pixels = np.repeat(levels.clip(0, 255).astype(np.uint8)[..., None], 3, axis=3)
    ids = tuple(f"{number:03d}" for number in range(len(rare)))
    return Pictures(pixels, ids), np.where(rare, "rare", "usual")


def test_weights_by_hand_and_as_in_scikit_learn():
    numbers = np.array([0, 0, 0, 1])
    assert clip_weights(numbers, "equal") is None
    assert clip_weights(numbers, "balanced").tolist() == pytest.approx([2 / 3] * 3 + [2])
    numbers = np.random.default_rng(0).integers(0, 5, 50)
    expected = compute_sample_weight("balanced", numbers)
    np.testing.assert_allclose(clip_weights(numbers, "balanced"), expected)


def found_rare(classifier, train, asked) -> tuple[float, float]:
    """Return the recall of the rare class and of the usual one."""
    (pictures, labels), (others, truth) = train, asked
    fitted = classifier.fit(
        Features(classifier.features(pictures), pictures.ids), labels, np.random.default_rng(0)
    )
    said = np.array(fitted.predict(Features(classifier.features(others), others.ids)).labels)
    rare = truth == "rare"
    return float((said[rare] == "rare").mean()), float((said[~rare] == "usual").mean())


@pytest.mark.parametrize("classifier", [*CLASSIFIERS, Committee()], ids=lambda each: each.name)
def test_balanced_a_rare_class_is_found_as_often_as_the_usual_one(classifier, monkeypatch):
    if classifier.name == "committee":
        few = {"size": 8, "components": 8}
        monkeypatch.setattr(
            Committee, "_members",
            lambda self: {
                "a": PcaSvm(**few, class_weights=self.class_weights),
                "b": PixelsLogistic(size=8, class_weights=self.class_weights),
            },
        )  # fmt: skip
    train, asked = edges(0), edges(1)
    rare, usual = found_rare(classifier, train, asked)
    balanced = replace(classifier, class_weights="balanced")
    rarer, commoner = found_rare(balanced, train, asked)
    assert rarer > rare + 0.1
    assert commoner < usual
    assert abs(rarer - commoner) < abs(rare - usual)
    assert "balanced" in repr(balanced)


@pytest.mark.parametrize("head", ["svm", "logistic"])
@pytest.mark.parametrize("exact_up_to", [8000, 100])
def test_the_heads_of_transfer_are_balanced_too(head, exact_up_to):
    rng = np.random.default_rng(0)
    labels = np.where(np.arange(400) < 40, "rare", "usual")
    values = rng.normal(np.where(labels == "rare", 1.2, 0.0)[:, None], 1.0, (400, 3))
    features = Features(values.astype(np.float32), tuple(f"{n:03d}" for n in range(400)))
    recall = {}
    for weights in ("equal", "balanced"):
        classifier = Transfer(head=head, class_weights=weights, exact_up_to=exact_up_to)
        said = classifier.fit(features, labels, np.random.default_rng(0)).predict(features)
        recall[weights] = (np.array(said.labels)[:40] == "rare").mean()
    assert recall["balanced"] > recall["equal"] + 0.1


def test_another_weight_needs_no_new_look_by_the_network():
    assert "class_weights" in Transfer.head_parameters
