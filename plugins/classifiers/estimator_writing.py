"""scikit-learn's estimators as bytes of skops, which makes only types that it is told to trust.

skops names the parts of what it writes after their places in memory; here they are numbered
instead, so that the same estimator gives the same bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError
from plugins.classifiers.estimators import class_probabilities

TRUSTED = frozenset(
    {
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.gaussian_process.kernels.ConstantKernel",
        "sklearn.gaussian_process.kernels.Product",
        "sklearn.gaussian_process.kernels.RBF",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
    }
)
"""Types that skops asks about, and that hold numbers alone."""

_SCHEMA = "schema.json"
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Packed:
    """An estimator as bytes: what is written down, and what predicts when it is made again."""

    data: Annotated[NDArray[np.uint8], 1]
    classes: int

    @cached_property
    def _model(self) -> Any:
        return unpacked(self.data.tobytes())

    def __call__(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """Give the probabilities of rows [shape=(clips, n)]."""
        return class_probabilities(self._model, rows, self.classes)


@dataclass(frozen=True, eq=False)
class Estimator:
    """An estimator that has learnt."""

    model: Any
    classes: int

    def __call__(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """Give the probabilities of rows [shape=(clips, n)]."""
        return class_probabilities(self.model, rows, self.classes)

    def to_write(self) -> Packed:
        """Return what is written in its place.

        Raises
        ------
        ClassifierError
            skops is missing, or does not trust a part of it.
        """
        return Packed(np.frombuffer(packed(self.model), np.uint8), self.classes)


def packed(model: Any) -> bytes:
    """Write an estimator down; the same one gives the same bytes.

    Raises
    ------
    ClassifierError
        skops is missing, or does not trust a part of it.
    """
    skops = _skops()
    try:
        data: bytes = skops.dumps(model)
    except Exception as error:  # of one of skops' many kinds
        what = type(model).__name__
        raise ClassifierError(f"sklearn: skops cannot write {what} down: {error}") from None
    data = _numbered(data)
    _expect_trusted(skops, data)
    return data


def unpacked(data: bytes) -> Any:
    """Make an estimator again.

    Raises
    ------
    ClassifierError
        skops is missing or cannot read it; it holds what is not trusted, or trees that lead
        nowhere.
    """
    skops = _skops()
    try:
        _expect_stored(data)
        _expect_trusted(skops, data)
        model = skops.loads(data, trusted=sorted(TRUSTED))
    except ClassifierError:
        raise
    except Exception as error:  # a stranger's bytes: skops stumbles in many ways
        raise ClassifierError(f"sklearn: what was learnt cannot be read: {error!r:.200}") from None
    for nodes, features in _trees(model):
        _expect_sound(nodes, features)
    return model


def _skops() -> Any:
    try:
        import skops.io
    except ImportError:
        raise ClassifierError(
            "sklearn[...] is kept and made again by skops, not installed: "
            "pip install 'sightbench[keep]'"
        ) from None
    return skops.io


def _expect_trusted(skops: Any, data: bytes) -> None:
    strange = sorted(set(skops.get_untrusted_types(data=data)) - TRUSTED)
    if strange:
        raise ClassifierError(
            f"sklearn: it holds {', '.join(strange[:3])}, of which nobody knows that it is numbers "
            "alone: such an estimator can be benchmarked but not kept."
        )


def _expect_stored(data: bytes) -> None:
    """Refuse what is compressed: it may be far larger than it looks."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(each.file_size != each.compress_size for each in archive.infolist()):
            raise ClassifierError("sklearn: what was learnt is compressed; sightbench never is.")


def _numbered(data: bytes) -> bytes:
    """Number the parts in the order in which they are met."""
    numbers: dict[int, int] = {}
    files: dict[str, str] = {}

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(each) for each in value]
        if not isinstance(value, dict):
            return value
        found = dict(value)
        if isinstance(found.get("__id__"), int):
            found["__id__"] = numbers.setdefault(found["__id__"], len(numbers) + 1)
        if isinstance(found.get("file"), str):
            suffix = found["file"].partition(".")[2]
            found["file"] = files.setdefault(found["file"], f"{len(files) + 1}.{suffix}")
        return {name: renamed(each) for name, each in found.items()}

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = renamed(json.loads(archive.read(_SCHEMA)))
        parts = {new: archive.read(old) for old, new in files.items()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, part in {**parts, _SCHEMA: json.dumps(schema, indent=1).encode()}.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), part)
    return written.getvalue()


def _trees(value: Any, depth: int = 0) -> Iterator[tuple[Any, int]]:
    """Give the nodes of every tree in an estimator, and how many features it may ask for."""
    from sklearn.base import BaseEstimator

    if isinstance(value, (list, tuple, np.ndarray)) and depth < 6:
        if not isinstance(value, np.ndarray) or value.dtype == object:
            for each in value:
                yield from _trees(each, depth + 1)
    elif isinstance(value, BaseEstimator) and depth < 6:
        if hasattr(value, "tree_"):
            nodes = value.tree_.__getstate__()["nodes"]
            yield nodes[["left_child", "right_child", "feature"]], value.tree_.n_features
        for predictor in np.ravel(getattr(value, "_predictors", [])):
            columns = {"left": "left_child", "right": "right_child", "feature_idx": "feature"}
            found = np.zeros(len(predictor.nodes), [(each, "i8") for each in columns.values()])
            for old, new in columns.items():
                found[new] = predictor.nodes[old]
            found["left_child"][predictor.nodes["is_leaf"].astype(bool)] = -1
            yield found, int(value.n_features_in_)
        for each in vars(value).values():
            yield from _trees(each, depth + 1)


def _expect_sound(nodes: Any, features: int) -> None:
    """Refuse a tree whose branches lead back, or out of it: they are followed unchecked."""
    place = np.arange(len(nodes))
    inner = nodes["left_child"] != -1
    for side in ("left_child", "right_child"):
        child = nodes[side][inner]
        if not ((child > place[inner]) & (child < len(nodes))).all():
            raise ClassifierError("sklearn: a tree that was learnt leads nowhere.")
    asked = nodes["feature"][inner]
    if not ((asked >= 0) & (asked < features)).all():
        raise ClassifierError("sklearn: a tree that was learnt asks for what is not there.")
