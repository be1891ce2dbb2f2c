"""Three classifiers that look at the picture in different ways; their mean probability decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import (
    Classifier,
    ClassifierError,
    Features,
    Fitted,
    Knowledge,
    Pictures,
    Predictions,
    Writable,
    parameter,
)
from plugins.classifiers.balance import CLASS_WEIGHTS
from plugins.classifiers.hog_svm import HogSvm
from plugins.classifiers.patches_logistic import PatchesLogistic
from plugins.classifiers.pca_svm import PcaSvm


@dataclass(frozen=True, eq=False)
class Assembly:
    """Members that have learnt, by name."""

    members: Mapping[str, Fitted]

    def predict(self, features: Features) -> Predictions:
        """Average the members' probabilities."""
        said = [
            member.predict(Features(features.values[name], features.ids))
            for name, member in self.members.items()
        ]
        mean = np.mean([each.scores for each in said], axis=0)
        return Predictions.from_scores(features.ids, said[0].classes, mean)

    def written(self) -> Knowledge:
        """Write down what each member has learnt, its arrays named after it."""
        said = {}
        for name, member in self.members.items():
            assert isinstance(member, Writable)
            said[name] = member.written()
        arrays = {
            f"{name}.{k}": array for name, own in said.items() for k, array in own.arrays.items()
        }
        return Knowledge(arrays, {name: own.values for name, own in said.items()})


class Committee(Classifier):
    """Mean probability of pca-svm, hog-svm and patches-logistic (soft vote).

    Averaging probabilities of classifiers that err differently: Kittler et al. 1998, "On
    Combining Classifiers", IEEE PAMI 20(3), 226-239 (the sum rule).
    """

    name = "committee"
    most_clips = 100_000

    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Put the members' features side by side [shape=(clips,)], a field each."""
        parts = {name: member.features(pictures) for name, member in self._members().items()}
        fields = [(name, part.dtype, part.shape[1:]) for name, part in parts.items()]
        together = np.empty(len(pictures), dtype=fields)
        for name, part in parts.items():
            together[name] = part
        return together

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Let each member learn, with a seed of its own."""
        members = self._members()
        generators = rng.spawn(len(members))
        return Assembly(
            {
                name: member.fit(Features(features.values[name], features.ids), labels, generator)
                for (name, member), generator in zip(members.items(), generators, strict=True)
            }
        )

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make each member again."""
        members = self._members()
        if set(knowledge.values) != set(members):
            raise ClassifierError(f"What was learnt is not of {', '.join(members)}.")
        again = {}
        for name, member in members.items():
            mark = f"{name}."
            own = {
                k.removeprefix(mark): a for k, a in knowledge.arrays.items() if k.startswith(mark)
            }
            again[name] = member.made_again(Knowledge(own, knowledge.values[name]))
        return Assembly(again)

    def _members(self) -> dict[str, Classifier]:
        kinds = (PcaSvm, HogSvm, PatchesLogistic)
        return {kind.name: kind(class_weights=self.class_weights) for kind in kinds}


plugins = [Committee]
