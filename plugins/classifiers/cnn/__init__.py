"""A small convolutional network, trained from scratch; torch is imported when it learns."""

from __future__ import annotations

from harness import Classifier, hookimpl
from plugins.classifiers.cnn.plugin import Cnn


@hookimpl
def harness_classifiers() -> list[type[Classifier]]:
    return [Cnn]


__all__ = ["Cnn", "harness_classifiers"]
