"""The classifier `sound-embedding`: a network listens, a head learns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import Features, Fitted, Knowledge, SignalClassifier, Signals, parameter
from plugins.classifiers.balance import CLASS_WEIGHTS
from plugins.classifiers.learnt import learnt_again
from plugins.classifiers.sound_embedding.network import network_of
from plugins.classifiers.sound_embedding.own_network import Asked, examine
from plugins.classifiers.transfer.engines import ENGINES
from plugins.classifiers.transfer.heads import HEADS, KINDS, Head
from plugins.classifiers.transfer.preparation import files_beside


@dataclass(frozen=True, kw_only=True)
class SoundEmbedding(SignalClassifier):
    """A frozen network for sounds that you bring in ONNX (BirdNET, Perch, ...), and a light head.

    Clips are resampled to the network's rate and cut into windows of its length; what it says of
    them is averaged. It looks at no picture.

    Raises
    ------
    ParameterError
        The file cannot be used, or does not say what must be known.
    """

    name: ClassVar[str] = "sound-embedding"
    most_clips: ClassVar[int | None] = 100_000

    model: str = parameter(help="an ONNX file of a network that takes sounds")
    layers: str = parameter("", "names of what is kept, with spaces; empty: the only output")
    rate: float | None = parameter(
        None, "that it listens at; none: as the JSON beside it", unit="Hz", low=1, high=1e6
    )
    seconds: float | None = parameter(
        None, "of a window; none: as the file or the JSON", unit="s", low=0.001, high=600
    )
    standardised: bool | None = parameter(
        None, "each window to mean 0, deviation 1; none: as the JSON, else no"
    )
    engine: str = parameter("opencv", "what runs the network", choices=ENGINES)
    head: str = parameter("svm", "what learns", choices=tuple(HEADS))
    components: int = parameter(150, "principal components of the features, for svm", low=1)
    penalty: float | None = parameter(None, "C of the head; none: its own", low=1e-9)
    sharpness: float = parameter(1.0, "gamma, 1 is scikit-learn's 'scale'", low=1e-6)
    exact_up_to: int = parameter(8000, "approximate the kernel beyond", unit="clips", low=1)
    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def __post_init__(self) -> None:
        super().__post_init__()
        # The file is looked at once for nothing, so that a fault shows before anything runs.
        examine(self.asked())

    def files(self) -> tuple[Path, ...]:
        """Return the files whose content the features depend on."""
        return (Path(self.model), *files_beside(Path(self.model)))

    def features(self, signals: Signals) -> NDArray[np.float32]:
        """Describe each clip by what the network says of it [shape=(clips, n)], float32."""
        network = network_of(self.asked(), self.engine)
        return np.stack([network.describe(clip, signals.rate) for clip in signals.samples])

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Let the head learn."""
        return Head.of(self).fit(features, labels, rng)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make the head again."""
        return learnt_again(knowledge, *KINDS)

    def asked(self) -> Asked:
        """Gather what features depend on."""
        layers = tuple(dict.fromkeys(self.layers.split()))
        return Asked(self.model, layers, self.rate, self.seconds, self.standardised)
