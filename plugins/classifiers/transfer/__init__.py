"""A pretrained image network that stays as it is, and a light head on its middle layers.

A network trained on a million photographs has learnt edges, ridges and textures that tell
pictures of sound apart as well (J. Yosinski and others: How transferable are features in deep
neural networks?, NIPS 2014, https://arxiv.org/abs/1411.1792: the middle layers carry over best).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import hookimpl

if TYPE_CHECKING:
    from harness import Classifier


@hookimpl
def harness_classifiers() -> list[type[Classifier]]:
    """Return the classifier of this package."""
    from plugins.classifiers.transfer.plugin import Transfer

    return [Transfer]
