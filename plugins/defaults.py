"""What a bare ``sightbench run`` does: the embedded clips, five pictures, every classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness import hookimpl


@hookimpl
def harness_default_choices() -> Mapping[str, Any]:
    """Return the dataset, representations and classifiers of the default experiment."""
    return {
        "dataset": "upcalls",
        "representations": [
            "waveform",
            "spectrogram",
            "mel",
            "noise-removed",
            "noise-removed+frequency-cropped",
        ],
        "classifiers": [
            "majority",
            "shuffled-labels",
            "bookkeeping",
            "pixels-logistic",
            "pca-svm",
            "hog-svm",
            "patches-logistic",
        ],
    }
