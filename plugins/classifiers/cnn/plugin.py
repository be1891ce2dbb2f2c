"""A small convolutional network on the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Knowledge, Pictures, parameter
from plugins.classifiers.balance import CLASS_WEIGHTS
from plugins.classifiers.cnn.augmentation import Augmentation
from plugins.classifiers.cnn.pictures import Scale, small_pictures
from plugins.classifiers.cnn.validation import held_back
from plugins.classifiers.decisions import softmax
from plugins.classifiers.learnt import Probabilities, learn_in_id_order, learnt_again

if TYPE_CHECKING:
    from plugins.classifiers.cnn.training import Recipe


@dataclass(frozen=True, eq=False)
class Network:
    """A network that has learnt: arrays alone, from which torch's tensors are made to predict."""

    weights: Mapping[str, NDArray[np.float32]]
    scale: Scale

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Give the probabilities of pictures [shape=(clips, height, width, 3)].

        The network sees one picture at a time: the last bits of a convolution can depend on
        how many are computed together.
        """
        import torch

        from plugins.classifiers.cnn.network import decisions, one_thread, tensors_of

        found = np.empty((len(pixels), len(self.weights["last.offset"])))
        with one_thread(), torch.inference_mode():
            tensors = tensors_of(self.weights)
            for clip, picture in enumerate(pixels):
                found[clip] = decisions(tensors, self.scale.standardise(picture[None])).numpy()
        return softmax(found)


@dataclass(frozen=True, kw_only=True)
class Cnn(Classifier):
    """Small convolutional network (torch) trained from scratch, with shifts, masks and mixup.

    Four blocks of 3 x 3 convolution, then the mean and maximum over time, so that it matters
    at which frequency a shape lies and not when. Shifts run along the columns, which are time
    in most pictures; where they are not, ``shift=0`` is the better choice.

    ``validation=0.1`` holds a tenth of training back, whole groups or runs of neighbours where
    they are known, and stops when the loss on it gets no better. The twelve epochs of the
    default end before that helps, and a tenth fewer clips cost a little; a longer schedule may
    want it.
    """

    name: ClassVar[str] = "cnn"
    most_clips: ClassVar[int | None] = 100_000
    requires: ClassVar[tuple[str, ...]] = ("torch",)
    extra: ClassVar[str] = "cnn"

    height: int = parameter(32, "height of the small picture", unit="pixels", low=16, high=128)
    width: int = parameter(64, "width of the small picture", unit="pixels", low=16, high=256)
    epochs: int = parameter(12, "how often every picture is shown at most", low=1, high=1000)
    rate: float = parameter(0.003, "largest learning rate", low=1e-6, high=1.0)
    dropout: float = parameter(0.3, "share of the last layer left out", low=0.0, high=0.9)
    shift: float = parameter(0.25, "largest circular shift, a share of the width", low=0, high=0.5)
    mask: float = parameter(0.125, "widest band blanked, a share of the side", low=0, high=0.9)
    mixup: float = parameter(0.2, "Beta parameter of mixing pairs; 0: none", low=0, high=10)
    validation: float = parameter(
        0.0, "share of training held back to stop early; 0: never stop", low=0, high=0.5
    )
    patience: int = parameter(3, "epochs without progress before it stops", low=0, high=1000)
    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Make the pictures small [shape=(clips, height, width, 3)], uint8."""
        return small_pictures(pictures.pixels, self.height, self.width)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Train the network; groups and positions say which clips to hold back together."""
        # Sorted here and not only below: groups and positions must follow the pictures.
        order = np.argsort(np.asarray(features.ids), kind="stable")
        in_order = np.array_equal(order, np.arange(len(order)))
        ordered = features if in_order else features.take(order)

        def learn(values: NDArray[Any], numbers: NDArray[np.intp], classes: int) -> Probabilities:
            from plugins.classifiers.cnn.training import Lesson, train

            held = held_back(ordered, numbers, self.validation, rng)
            scale = Scale.of(values)
            lesson = Lesson(values, np.eye(classes, dtype=np.float32)[numbers])
            return Network(train(lesson, held, scale, self._recipe(), rng), scale)

        return learn_in_id_order(ordered, np.asarray(labels)[order], learn)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make the network again."""
        return learnt_again(knowledge, Network, Scale)

    def _recipe(self) -> Recipe:
        from plugins.classifiers.cnn.training import Recipe

        return Recipe(
            epochs=self.epochs,
            rate=self.rate,
            dropout=self.dropout,
            patience=self.patience,
            balanced=self.class_weights == "balanced",
            augmentation=Augmentation(shift=self.shift, mask=self.mask, mixup=self.mixup),
        )
