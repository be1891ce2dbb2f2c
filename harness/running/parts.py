"""What must be drawn for a plan: each way that a classifier looks at, of a stack its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.contracts import Classifier, LocalClassifier
from harness.pictures.drawing import Drawing
from harness.pictures.keys import drawing_key
from harness.pictures.stacks import AnyDrawing, drawings_of
from harness.planning.specs import Chain
from harness.planning.ways import Way, chains_of
from harness.registry.resolution import Resolved
from harness.values import Missing

BYTES_A_PIXEL = 0.3
"""On disk: 15 kB for 224 x 224. Recordings of whales took 2 to 23, 11 on the mean of six ways."""


def ways_drawn(resolved: Resolved) -> dict[Way, AnyDrawing]:
    """Return the ways whose pictures some classifier looks at; all where there is none."""
    if resolved.classifiers and not any(
        needs_pictures(each) for each in resolved.classifiers.values()
    ):
        return {}
    return {way: made for way, made in resolved.drawings.items() if not isinstance(made, Missing)}


def parts_of(ways: Mapping[Way, AnyDrawing]) -> dict[str, tuple[Chain, Drawing]]:
    """Return what is drawn for some ways, each once, by key: of a stack its parts."""
    return {
        drawing_key(drawing): (chain, drawing)
        for way, made in ways.items()
        for chain, drawing in zip(chains_of(way), drawings_of(made), strict=True)
    }


def needs_pictures(classifier: object) -> bool:
    """Say whether anything must be drawn for a classifier; for what is missing, it might."""
    return not isinstance(classifier, LocalClassifier) or isinstance(classifier, Classifier)


def size_bytes(clips: int, drawings: Iterable[Drawing]) -> int:
    """Guess the bytes that pictures will take."""
    areas = (way.settings.height * way.settings.width for way in drawings)
    return int(clips * sum(areas) * BYTES_A_PIXEL)
