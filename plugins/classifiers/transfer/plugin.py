"""The classifier `transfer`: what a person chooses, features by a network, learning by a head."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from harness import Classifier, Features, Fitted, Knowledge, ParameterError, Pictures, parameter
from plugins.classifiers.balance import CLASS_WEIGHTS
from plugins.classifiers.learnt import learnt_again
from plugins.classifiers.transfer.efficientnet import SMALLEST_SIDE, STAGE_NAMES, STEPS
from plugins.classifiers.transfer.engines import ENGINES
from plugins.classifiers.transfer.heads import HEADS, KINDS, Head
from plugins.classifiers.transfer.layers import RECIPE, Layer, parse_layers
from plugins.classifiers.transfer.maps import LAYOUTS, Layout
from plugins.classifiers.transfer.network import Recipe, network_of
from plugins.classifiers.transfer.own_network import Asked, examine
from plugins.classifiers.transfer.preparation import (
    LARGEST,
    Found,
    files_beside,
    parse_triple,
)
from plugins.classifiers.transfer.weights import PACKAGE

OWN_ONLY = ("range", "mean", "std", "order", "layout", "maps")
"""Parameters that say something of a network that a person brings."""


@dataclass(frozen=True, kw_only=True)
class Transfer(Classifier):
    """A frozen pretrained image network's middle layers, and a light head that learns.

    Without `model` the network is EfficientNet-Lite0, trained on ImageNet's photographs (M. Tan
    and Q. Le 2019). ``transfer[model=file.onnx]`` takes any image network in ONNX.
    """

    name: ClassVar[str] = "transfer"
    most_clips: ClassVar[int | None] = 100_000
    requires: ClassVar[tuple[str, ...]] = (PACKAGE,)
    extra: ClassVar[str] = "transfer"
    keep_features: ClassVar[bool] = True
    head_parameters: ClassVar[tuple[str, ...]] = (
        "head", "components", "penalty", "sharpness", "exact_up_to", "class_weights",
    )  # fmt: skip
    """Those that change nothing about the features."""

    model: str = parameter("", "an ONNX file; empty: EfficientNet-Lite0")
    layers: str = parameter("", "as in 'stage4 stage5@mean+maximum+rows'; empty: the recipe")
    size: int | None = parameter(
        None, "side of the picture; none: 128, or the file's", unit="pixels", low=8, high=LARGEST
    )
    range: float | None = parameter(None, "of a pixel, 1 or 255, before mean and std", low=1e-6)
    mean: str | float | None = parameter(None, "subtracted, '0.485 0.456 0.406'")
    std: str | float | None = parameter(None, "divided by, '0.229 0.224 0.225'")
    order: str | None = parameter(None, "of the channels", choices=("rgb", "bgr"))
    layout: str | None = parameter(None, "of the input", choices=LAYOUTS)
    maps: str | None = parameter(None, "layout of the layers", choices=LAYOUTS)
    engine: str = parameter("opencv", "what runs the network", choices=ENGINES)
    head: str = parameter("svm", "what learns", choices=tuple(HEADS))
    components: int = parameter(150, "principal components of the features, for svm", low=1)
    penalty: float | None = parameter(None, "C of the head; none: its own", low=1e-9)
    sharpness: float = parameter(1.0, "gamma, 1 is scikit-learn's 'scale'", low=1e-6)
    exact_up_to: int = parameter(8000, "approximate the kernel beyond", unit="clips", low=1)
    class_weights: str = parameter("equal", "what a clip counts", choices=CLASS_WEIGHTS)

    def __post_init__(self) -> None:
        super().__post_init__()
        own = self.recipe().own
        if own is not None:
            # The file is looked at once for nothing, so that a fault shows before anything runs.
            examine(own)

    def files(self) -> tuple[Path, ...]:
        """Return the files whose content the features depend on."""
        if not self.model:
            return ()
        return (Path(self.model), *files_beside(Path(self.model)))

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Describe each picture by the network's layers [shape=(clips, n)].

        float16 for the network that comes along, float32 for one whose range nobody knows.
        """
        rows = network_of(self.recipe()).describe(pictures.pixels)
        return rows.astype(np.float32 if self.model else np.float16)

    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Let the head learn."""
        return Head.of(self).fit(features, labels, rng)

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make what was learnt again."""
        return learnt_again(knowledge, *KINDS)

    def recipe(self) -> Recipe:
        """Gather what features depend on.

        Raises
        ------
        ParameterError
            Parameters do not fit each other.
        """
        layers = parse_layers(self.layers) if self.layers else ()
        if self.model:
            return Recipe(0, (), self._asked(layers), self.engine)
        given = [name for name in OWN_ONLY if getattr(self, name) is not None]
        if given:
            raise ParameterError(
                f"{self.name}: {given[0]}= belongs to a network of your own; give model= as well, "
                f"or leave out {', '.join(given)}."
            )
        return Recipe(self._side(), _stages(layers), None, self.engine)

    def _side(self) -> int:
        side = 128 if self.size is None else self.size
        if side % STEPS or side < SMALLEST_SIDE:
            raise ParameterError(
                f"{self.name}: size={side} is not at least {SMALLEST_SIDE} pixels and a multiple "
                f"of {STEPS}, as EfficientNet-Lite0 needs; 96, 128, 160 and 224 are."
            )
        return side

    def _asked(self, layers: tuple[Layer, ...]) -> Asked:
        size = None if self.size is None else (self.size, self.size)
        mean = None if self.mean is None else parse_triple(str(self.mean), "mean")
        std = None if self.std is None else parse_triple(str(self.std), "std")
        layout, maps = cast(Layout | None, self.layout), cast(Layout | None, self.maps)
        return Asked(
            self.model, layers, Found(size, self.range, mean, std, self.order), layout, maps
        )


def _stages(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    unknown = [layer.name for layer in layers if layer.name not in STAGE_NAMES]
    if unknown:
        raise ParameterError(
            f"transfer: EfficientNet-Lite0 has no layer {unknown[0]!r}; it has "
            f"{', '.join(STAGE_NAMES)}."
        )
    return layers or RECIPE
