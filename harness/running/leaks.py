"""The same picture on both sides of a split: counted, never hidden."""

from __future__ import annotations

from collections.abc import Mapping

from harness.clips.splits import Split


def count_twins(split: Split, picture_hashes: Mapping[str, str]) -> int:
    """Count holdout clips whose picture is also that of a training clip.

    Different recordings can give the same picture (silence, a cropped band); a classifier has
    then seen the answer. `picture_hashes` holds the hash of each clip's picture, by id.
    """
    seen = {picture_hashes[id] for id in split.train}
    return sum(picture_hashes[id] in seen for id in split.holdout)
