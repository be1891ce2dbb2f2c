"""Scores of windows by a classifier that has learnt: the way of the benchmark, without its files.

clips → signals → rasters or pictures → features → predict
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
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
from harness.running.needs import threads_of
from harness.statistics.ensembles import average
from harness.values import Clip, Features, Pictures, Raster, Signals

Seen = Pictures | Raster | Signals

TOGETHER = 64
"""Clips that are scored together."""
LOOKED_AT = 32
"""Clips that are drawn together: pictures of more fall out of a processor's caches."""


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Draws clips and scores them, as one member.

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

    @property
    def look(self) -> tuple[int, str]:
        """Tell what it looks at from what others look at."""
        kinds = (("raster", RasterClassifier), ("picture", Classifier))
        found = [name for name, kind in kinds if isinstance(self.classifier, kind)]
        return (id(self.drawing), found[0]) if found else (0, "signal")

    def see(self, clips: Sequence[Clip]) -> Seen:
        """Turn clips of one shape and rate into what the classifier looks at."""
        signals = Signals(np.stack([clip.samples for clip in clips]), clips[0].rate)
        if isinstance(self.classifier, RasterClassifier):
            assert isinstance(self.drawing, Drawing)
            return self.drawing.raster(signals)
        if isinstance(self.classifier, Classifier):
            assert self.drawing is not None
            return self.drawing.pictures(signals, tuple(clip.id for clip in clips))
        return signals

    def features(self, seen: Seen) -> NDArray[Any]:
        """Work out the features of what was seen."""
        with self._threads():
            return np.asarray(self.classifier.features(seen))  # type: ignore[attr-defined]

    def said(self, values: NDArray[Any], ids: tuple[str, ...]) -> NDArray[np.float64]:
        """Give the probabilities of clips by their features [shape=(clips, classes)].

        Raises
        ------
        ClassifierError
            The classifier knows other classes, or breaks its contract.
        """
        with self._threads():
            said = self.fitted.predict(Features(values, ids))
        check_predictions(self.classifier.name, said, ids)
        if said.classes != self.classes:
            raise ClassifierError(
                f"{self.classifier.name} knows the classes {', '.join(said.classes[:5])}, not "
                f"{', '.join(self.classes[:5])}."
            )
        return said.scores

    def _threads(self) -> AbstractContextManager[None]:
        """Work with as many threads as in the benchmark; a worker starts out with one."""
        several = self.classifier.resources().cores > 1
        return threads_of(self.classifier) if several else nullcontext()


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Members that score clips together: the mean of their probabilities, as in the benchmark.

    Parameters
    ----------
    members
        One or more, which know the same classes.
    times
        How often each counts.
    """

    members: tuple[Scorer, ...]
    times: tuple[int, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """In the order of the scores."""
        return self.members[0].classes

    def see(self, clips: Sequence[Clip]) -> tuple[Seen, ...]:
        """Turn clips into what each member looks at; what is the same is drawn once."""
        drawn: dict[tuple[int, str], Seen] = {}
        for member in self.members:
            if member.look not in drawn:
                drawn[member.look] = member.see(clips)
        return tuple(drawn[member.look] for member in self.members)

    def scores(
        self, clips: Sequence[Clip], seen: tuple[Seen, ...] | None = None
    ) -> NDArray[np.float64]:
        """Give the probabilities of clips of one shape and rate [shape=(clips, classes)].

        Raises
        ------
        ClassifierError
            A classifier knows other classes, or breaks its contract.
        """
        ids = tuple(clip.id for clip in clips)
        parts = (clips[at : at + LOOKED_AT] for at in range(0, len(clips), LOOKED_AT))
        looked = map(self.see, parts) if seen is None else [seen]
        values = [
            [member.features(own) for member, own in zip(self.members, each, strict=True)]
            for each in looked
        ]
        said = [
            member.said(np.concatenate(own), ids)
            for member, own in zip(self.members, zip(*values, strict=True), strict=True)
        ]
        return average(np.stack(said), self.times)


def seen_hash(seen: Seen) -> str:
    """Hash what a classifier looks at, of the first clip."""
    return pixel_hash(seen.pixels[0]) if isinstance(seen, Pictures) else hashes_of(seen)[0]


def digest_of(text: str) -> str:
    """Hash what a plugin depends on, to stand in a bundle."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
