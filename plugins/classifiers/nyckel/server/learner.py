"""The classifier behind the local server: small grey pictures, PCA, an approximated RBF kernel.

A scaled picture of 32 by 32 is projected on its principal components; a Nystroem map stands in
for the kernel of a support vector machine (Williams & Seeger 2001), and a logistic regression on
it gives probabilities.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 32
_COMPONENTS = 60
_LANDMARKS = 400
_REGULARISATION = 10.0
_FOLDS = 5
_MOST_PIXELS = 4096 * 4096


class BadPicture(Exception):
    """The data of a sample is no picture; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it was sent, what the classifier sees of it, and its hash."""

    jpeg: bytes
    grey: NDArray[np.float32]
    digest: str


def read_picture(data: object) -> Picture:
    """Decode a data URI.

    Raises
    ------
    BadPicture
        It is no base64 data URI of a picture.
    """
    from PIL import Image

    head, comma, body = data.partition(",") if isinstance(data, str) else ("", "", "")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        raise BadPicture("data must be a data URI: data:image/jpg;base64,...")
    try:
        jpeg = base64.b64decode(body, validate=True)
        image = Image.open(io.BytesIO(jpeg), formats=("JPEG", "PNG"))
        if image.width * image.height > _MOST_PIXELS:
            raise BadPicture("the picture has too many pixels")
        small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    except (binascii.Error, ValueError, OSError, SyntaxError, Image.DecompressionBombError):
        raise BadPicture("the picture cannot be decoded") from None
    grey = np.asarray(small, dtype=np.float32).ravel() / 255.0
    return Picture(jpeg, grey, hashlib.sha256(jpeg).hexdigest())


class Learner:
    """A model trained on pictures; the order in which they came does not matter."""

    def __init__(self) -> None:
        self._model: _Model | None = None

    def learn(self, pictures: Sequence[Picture], labels: Sequence[str]) -> list[dict[str, float]]:
        """Train on everything; return the cross-validated confidences of every picture."""
        from sklearn.model_selection import StratifiedKFold
        from threadpoolctl import threadpool_limits

        order = sorted(range(len(pictures)), key=lambda row: (pictures[row].digest, labels[row]))
        values = np.stack([pictures[row].grey for row in order])
        targets = np.array([labels[row] for row in order])
        fewest = int(np.unique(targets, return_counts=True)[1].min())
        folds = StratifiedKFold(min(_FOLDS, fewest), shuffle=True, random_state=0)
        found: list[dict[str, float]] = [{} for _ in order]
        with threadpool_limits(1):
            for train, held_out in folds.split(values, targets):
                confidences = _Model(values[train], targets[train]).confidences(values[held_out])
                for place, each in zip(held_out, confidences, strict=True):
                    found[order[place]] = each
            self._model = _Model(values, targets)
        return found

    def confidences(self, pictures: Sequence[Picture]) -> list[dict[str, float]]:
        """Return what the model says of pictures."""
        if self._model is None or not pictures:
            return []
        return self._model.confidences(np.stack([each.grey for each in pictures]))


class _Model:
    """One fit [values shape=(pictures, SIDE * SIDE)]."""

    def __init__(self, values: NDArray[np.float32], targets: NDArray[np.str_]) -> None:
        from sklearn.decomposition import PCA
        from sklearn.kernel_approximation import Nystroem
        from sklearn.linear_model import LogisticRegression

        self._pca = PCA(min(_COMPONENTS, *values.shape), svd_solver="full")
        projected = self._pca.fit_transform(values)
        spread = float(projected.var(axis=0).sum())
        self._kernel = Nystroem(
            gamma=1.0 / spread if spread > 0 else 1.0,
            n_components=min(_LANDMARKS, len(values)),
            random_state=0,
        )
        mapped = self._kernel.fit_transform(projected)
        self._regression = LogisticRegression(C=_REGULARISATION, max_iter=500)
        self._regression.fit(mapped, targets)

    def confidences(self, values: NDArray[np.float32]) -> list[dict[str, float]]:
        mapped = self._kernel.transform(self._pca.transform(values))
        scores = self._regression.predict_proba(mapped)
        names = [str(name) for name in self._regression.classes_]
        return [dict(zip(names, map(float, row), strict=True)) for row in scores]


def zero_shot(picture: Picture, labels: Sequence[str]) -> dict[str, float]:
    """Guess without having learnt: a poor answer, as the service gives before training."""
    seeds = [
        int.from_bytes(hashlib.sha256(f"{picture.digest}{name}".encode()).digest()[:4], "big")
        for name in labels
    ]
    weights = np.array(seeds, dtype=np.float64) + 2**32
    shares = weights / weights.sum()
    return {name: float(share) for name, share in zip(labels, shares, strict=True)}
