"""How far two cells agree, in words: the same for the terminal and the report."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.analysis.disagreement import Disagreement
from harness.reporting.wording import summary as wording


def headline(found: Disagreement) -> str:
    """Say in a few sentences how far two cells agree."""
    agreement = found.agreement
    kappa = "" if agreement.kappa is None else f" (kappa {agreement.kappa:.2f})"
    best = max(_accuracy(found, agreement.only_first), _accuracy(found, agreement.only_second))
    return (
        f"They give the same answer for {wording.percent(agreement.agreement)}% of {found.clips} "
        f"clips{kappa}. Who always picked the one that is right would reach "
        f"{wording.percent(agreement.oracle)}%, {wording.points(agreement.oracle - best)} points "
        "over the better of both."
    )


def counts(found: Disagreement) -> list[tuple[str, int]]:
    """Count the clips that both, one, or neither got right."""
    agreement = found.agreement
    return [
        ("both right", len(agreement.both)),
        ("only the first right", len(agreement.only_first)),
        ("only the second right", len(agreement.only_second)),
        ("neither right", len(agreement.neither)),
    ]


def _accuracy(found: Disagreement, only: NDArray[np.intp]) -> float:
    return (len(found.agreement.both) + len(only)) / found.clips
