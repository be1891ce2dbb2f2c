"""The Nyckel image-classification service as a classifier, and a local server to rehearse with.

This module stays light: the command line imports it to mount `sightbench nyckel`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import hookimpl

if TYPE_CHECKING:
    from harness import RemoteClassifier


@hookimpl
def harness_classifiers() -> list[type[RemoteClassifier]]:
    """Return the classifier of this package."""
    from plugins.classifiers.nyckel.plugin import Nyckel

    return [Nyckel]
