"""What a plugin gave, checked in the run: counts, finiteness, probabilities, no look at neighbours.

Each check raises a sentence that names the plugin; its cells fail, and no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import ClassifierError, PluginError
from harness.pictures.drawing import Drawing
from harness.values import Predictions, Raster, Signals

ROUNDING = 1e-3
"""Probabilities may miss a sum of one by this much; float32 and hosted services round."""
NEIGHBOURS = 1e-3
"""Relative difference that a batch may make: sums in another order differ in their last bits."""


def check_raster(name: str, raster: Raster, signals: Signals) -> None:
    """Ask for one raster a clip.

    Raises
    ------
    PluginError
        There are more or fewer, or it is no raster.
    """
    if not isinstance(raster, Raster):
        raise PluginError(f"{name} returned {type(raster).__name__} where a Raster was asked for.")
    if len(raster) != len(signals):
        raise PluginError(f"{name} returned {len(raster)} rasters for {len(signals)} clips.")


def check_jpegs(name: str, jpegs: Sequence[bytes], signals: Signals) -> None:
    """Ask for the bytes of one JPEG a clip.

    Raises
    ------
    PluginError
        There are more or fewer, or one is no JPEG.
    """
    if len(jpegs) != len(signals):
        raise PluginError(f"{name} returned {len(jpegs)} pictures for {len(signals)} clips.")
    if not all(isinstance(each, bytes) and each.startswith(b"\xff\xd8\xff") for each in jpegs):
        raise PluginError(f"{name} returned pictures that are no JPEGs.")


def check_alone(drawing: Drawing, whole: Raster, signals: Signals) -> None:
    """Ask for the last clip of a batch again, alone: it must look the same.

    Raises
    ------
    PluginError
        It does not: the plugin looks at neighbouring clips, so a picture depends on the batch.
    """
    if len(signals) < 2:
        return
    one = Signals(signals.samples[-1:], signals.rate)
    alone = drawing.raster(one)
    check_raster(drawing.title, alone, one)
    if not _alike(alone.values[0], whole.values[-1]):
        raise PluginError(
            f"{drawing.title} draws a clip otherwise when others are in its batch; it must look "
            "at one clip at a time."
        )


def check_features(name: str, rows: NDArray[Any], count: int) -> None:
    """Ask for one row of features a clip.

    Raises
    ------
    ClassifierError
        There are more or fewer.
    """
    if rows.ndim < 1 or len(rows) != count:
        found = len(rows) if rows.ndim else "no"
        raise ClassifierError(
            f"{name}: features() returned {found} rows for {count} clips; it must return one a "
            "clip."
        )


def check_width(
    name: str, first: tuple[int, ...], now: tuple[int, ...], ids: tuple[str, str]
) -> None:
    """Ask for rows of one shape, however long the clips are.

    Parameters
    ----------
    first, now
        The shapes of a row of the first batch and of this one.
    ids
        A clip of each.

    Raises
    ------
    ClassifierError
        They differ.
    """
    if first != now:
        raise ClassifierError(
            f"{name}: the features of {ids[0]} have the shape {first}, those of {ids[1]} have "
            f"{now}, for the clips differ in length, channels or rate; a classifier learns from "
            "rows of one shape. Choose clips of one kind, or a parameter of it that makes them "
            f"alike, if it has one: sightbench list classifiers shows {name}'s."
        )


def check_same_features(name: str, alone: NDArray[Any], batch: NDArray[Any]) -> None:
    """Ask that a clip's features are the same alone and in a batch.

    Raises
    ------
    ClassifierError
        They are not.
    """
    if not _alike(alone, batch):
        raise ClassifierError(
            f"{name}: the features of a clip depend on the others in its batch; features() "
            "must be stateless and look at one clip at a time."
        )


def check_predictions(name: str, said: Predictions, asked: Sequence[str]) -> None:
    """Ask for a prediction of each clip, in order, with probabilities that can be.

    Raises
    ------
    ClassifierError
        They do not line up with the clips, or are no probabilities.
    """
    if not isinstance(said, Predictions):
        raise ClassifierError(f"{name}: predict() returned {type(said).__name__}, no Predictions.")
    if said.ids != tuple(asked):
        raise ClassifierError(
            f"{name}: predictions do not line up with the clips: {len(said.ids)} ids for "
            f"{len(asked)} clips, in the same order. Its figures would be wrong."
        )
    unknown = {label for label in said.labels if label is not None} - set(said.classes)
    if unknown or len(set(said.classes)) != len(said.classes):
        raise ClassifierError(
            f"{name}: predicts {sorted(map(str, unknown))[:3]}, none of its classes "
            f"{list(said.classes)[:5]}; classes stand once each, and predictions are of them."
        )
    _check_probabilities(name, said)


def _check_probabilities(name: str, said: Predictions) -> None:
    answered = np.array([label is not None for label in said.labels], bool)
    scores = said.scores[answered]
    if not said.classes or not len(scores):
        return
    missing = np.isnan(scores).all(axis=1)
    scores, labels = scores[~missing], np.array(said.labels, object)[answered][~missing]
    sums = scores.sum(axis=1)
    if not np.isfinite(scores).all() or (scores < -ROUNDING).any():
        raise ClassifierError(f"{name}: scores are negative or not finite; they are probabilities.")
    if not np.allclose(sums, 1.0, atol=ROUNDING):
        worst = float(sums[np.abs(sums - 1).argmax()])
        raise ClassifierError(
            f"{name}: scores of a clip add up to {worst:g}; they are probabilities and add up to 1."
        )
    column = {label: number for number, label in enumerate(said.classes)}
    own = scores[np.arange(len(scores)), [column[label] for label in labels]]
    if (own < scores.max(axis=1) - ROUNDING).any():
        raise ClassifierError(
            f"{name}: a prediction is not the class of the largest score; the two contradict."
        )


def check_same_prediction(name: str, alone: Predictions, batch: Predictions, row: int) -> None:
    """Ask that a clip's prediction is the same alone and among others.

    Raises
    ------
    ClassifierError
        It is not.
    """
    if not _alike(alone.scores[0], batch.scores[row]):
        raise ClassifierError(
            f"{name}: the prediction of a clip depends on the other clips that it is asked about; "
            "predict() must look at one clip at a time."
        )


def _alike(alone: NDArray[Any], batch: NDArray[Any]) -> bool:
    if alone.shape != batch.shape:
        return False
    if alone.dtype.kind not in "fiub":
        return bool(np.array_equal(alone, batch))
    one, other = alone.astype(np.float64), batch.astype(np.float64)
    scale = float(np.nanmax(np.abs((one, other)), initial=0.0))
    return bool(np.allclose(one, other, rtol=NEIGHBOURS, atol=NEIGHBOURS * scale, equal_nan=True))
