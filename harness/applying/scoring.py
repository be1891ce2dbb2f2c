"""Scores of windows by a classifier that has learnt: the way of the benchmark, without its files.

clips → signals → rasters or pictures → features → predict
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.contracts import Classifier, Fitted, LocalClassifier, RasterClassifier
from harness.errors import ClassifierError
from harness.pictures.drawing import Drawing
from harness.pictures.naming import pixel_hash
from harness.pictures.stacks import AnyDrawing
from harness.running.checks import check_predictions
from harness.running.looking import hashes_of
from harness.values import Clip, Features, Pictures, Raster, Signals

TOGETHER = 64
"""Clips that are scored together."""
LOOKED_AT = 32
"""Clips that are drawn together: pictures of more fall out of a processor's caches."""


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Draws clips and scores them.

    Parameters
    ----------
    drawing
        None where the classifier looks at signals.
    classes
        In the order of the scores.
    """

    drawing: AnyDrawing | None
    classifier: LocalClassifier
    fitted: Fitted
    classes: tuple[str, ...]

    def see(self, clips: Sequence[Clip]) -> Pictures | Raster | Signals:
        """Turn clips of one shape and rate into what the classifier looks at."""
        signals = Signals(np.stack([clip.samples for clip in clips]), clips[0].rate)
        if isinstance(self.classifier, RasterClassifier):
            assert isinstance(self.drawing, Drawing)
            return self.drawing.raster(signals)
        if isinstance(self.classifier, Classifier):
            assert self.drawing is not None
            return Pictures(self.drawing.pixels(signals), tuple(clip.id for clip in clips))
        return signals

    def scores(
        self, clips: Sequence[Clip], seen: Pictures | Raster | Signals | None = None
    ) -> NDArray[np.float64]:
        """Give the probabilities of clips of one shape and rate [shape=(clips, classes)].

        Raises
        ------
        ClassifierError
            The classifier knows other classes, or breaks its contract.
        """
        ids = tuple(clip.id for clip in clips)
        parts = (clips[at : at + LOOKED_AT] for at in range(0, len(clips), LOOKED_AT))
        looked = map(self.see, parts) if seen is None else [seen]
        values = np.concatenate([self._features(each) for each in looked])
        said = self.fitted.predict(Features(values, ids))
        check_predictions(self.classifier.name, said, ids)
        if said.classes != self.classes:
            raise ClassifierError(
                f"{self.classifier.name} knows the classes {', '.join(said.classes[:5])}, not "
                f"{', '.join(self.classes[:5])}."
            )
        return said.scores

    def _features(self, seen: Pictures | Raster | Signals) -> NDArray[Any]:
        return np.asarray(self.classifier.features(seen))  # type: ignore[attr-defined]


def seen_hash(seen: Pictures | Raster | Signals) -> str:
    """Hash what a classifier looks at, of the first clip."""
    return pixel_hash(seen.pixels[0]) if isinstance(seen, Pictures) else hashes_of(seen)[0]


def digest_of(text: str) -> str:
    """Hash what a plugin depends on, to stand in a bundle."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
