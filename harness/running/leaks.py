"""The same picture on both sides of a split: counted, never hidden."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harness.clips.splits import Split
from harness.columns.named import named
from harness.columns.strings import Strings


def count_twins(split: Split, picture_hashes: Mapping[str, str]) -> int:
    """Count holdout clips whose picture is also that of a training clip.

    Different recordings can give the same picture (silence, a cropped band); a classifier has
    then seen the answer. `picture_hashes` holds the hash of each clip's picture, by id.
    """
    hashes = named(picture_hashes)
    seen = Strings.of(hashes.pick(split.train))
    return int(np.count_nonzero(seen.places(hashes.pick(split.holdout)) >= 0))
