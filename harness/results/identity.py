"""What made a cell's figures, each by content: by it a result is found again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from harness.files.documents import plain
from harness.planning.plan import Cell

LONGEST_NAME = 80
"""Letters of a folder's name that are for a reader; the key after them tells cells apart."""


@dataclass(frozen=True, slots=True)
class Made:
    """All that the figures of a cell depend on.

    Nothing else does: not what else a command asked for, nor its order, note, workers or places.

    Parameters
    ----------
    clips, split
        Digests: of the clips of both sides with labels and groups; of sides, folds and contents.
    drawing, classifier
        Keys of plugins: parameters, versions, sources, files that they name, libraries.
    """

    clips: str
    split: str
    drawing: str
    classifier: str
    seed: int
    train_size: int | None

    @property
    def key(self) -> str:
        """Hash it all."""
        text = json.dumps(plain(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def folder_name(cell: Cell, made: Made) -> str:
    """Name a cell's folder: readable, safe on any system, and different for different cells."""
    return f"{cell.readable[:LONGEST_NAME].strip('._')}__{made.key}"
