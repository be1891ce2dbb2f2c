"""A pretrained network that listens, brought as an ONNX file, and a light head on what it says.

Networks that were trained on many kinds of sounds describe new ones well with few labels (B.
Ghani, T. Denton, S. Kahl and H. Klinck: Global birdsong embeddings enable superior transfer
learning for bioacoustic classification, Scientific Reports 13, 2023, 22876).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import hookimpl

if TYPE_CHECKING:
    from harness import SignalClassifier


@hookimpl
def harness_classifiers() -> list[type[SignalClassifier]]:
    """Return the classifier of this package."""
    from plugins.classifiers.sound_embedding.plugin import SoundEmbedding

    return [SoundEmbedding]
