"""Ways to draw: a representation with its improvements, or a stack of two or three of those.

::

    mel[n_mels=64]+noise-removed                       one way
    stack(mel+frequency-cropped, noise-removed)        the red and the green of one picture
    stack(mel[n_mels=32,64], mel+pcen, waveform)       sweeps inside multiply: two stacks
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass

from harness.errors import SpecError
from harness.planning.specs import Chain, Reader, Spec, parse_chains, read_chains

STACK = "stack"
FEWEST, MOST = 2, 3
"""Ways that share one picture: it has a red, a green and a blue."""

_OPENING = re.compile(rf"\s*{STACK}\s*\(")


@dataclass(frozen=True, slots=True)
class Stack:
    """Two or three ways to draw as the red, green and blue of one picture.

    Raises
    ------
    SpecError
        There are fewer or more.
    """

    parts: tuple[Chain, ...]

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.parts) <= MOST:
            raise SpecError(
                f"{self} has {len(self.parts)} part{'s' * (len(self.parts) != 1)}: a stack takes "
                f"{FEWEST} or {MOST} ways to draw, the red, green and blue of one picture."
            )

    def __str__(self) -> str:
        return f"{STACK}({', '.join(map(str, self.parts))})"


Way = Chain | Stack

SIGNAL = Chain(Spec("signal"))
"""What stands for the representation where a classifier looks at the signals themselves."""


@dataclass(frozen=True, slots=True)
class Averaged(Chain):
    """Stands for the representation where cells are averaged: what is drawn is the members'.

    Parameters
    ----------
    written
        "ensemble", or "average(mel/pca-svm, waveform/hog-svm)".
    """

    written: str = ""

    def __str__(self) -> str:
        return self.written


ENSEMBLE = "ensemble"
"""Members chosen inside training."""
AVERAGE = "average"
"""Members named by a person, in parentheses."""
PICTURELESS = (str(SIGNAL), ENSEMBLE)
"""Names that no representation may have: nothing is drawn under them."""


def has_picture(written: str) -> bool:
    """Say whether clips are drawn for what stands in the representation's place."""
    return written not in PICTURELESS and not written.startswith(f"{AVERAGE}(")


def chains_of(way: Way) -> tuple[Chain, ...]:
    """Return the parts of a stack; of a chain, itself."""
    return way.parts if isinstance(way, Stack) else (way,)


def is_plain(written: str) -> bool:
    """Say whether a written way is a representation alone: no improvement, stack or signal."""
    alone = "+" not in written and not _OPENING.match(written)
    return alone and written != str(SIGNAL)


def parse_ways(text: str, is_improvement: Callable[[str], bool]) -> list[Way]:
    """Read a way to draw, "a+b[c=1]" or "stack(a, b+c, d)"; sweeps multiply.

    Parameters
    ----------
    is_improvement
        Says whether a name is an improvement's: written first, it stands on the spectrogram.

    Raises
    ------
    SpecError
        The text cannot be read; the message shows where.
    """
    reader = Reader(text)
    if not reader.passes(_OPENING):
        return list(parse_chains(text, is_improvement))
    parts = [_part(reader, is_improvement)]
    while reader.takes(","):
        parts.append(_part(reader, is_improvement))
    if not reader.takes(")"):
        raise reader.error("expected '[', '+', ',' or ')'")
    if reader.takes("+"):
        raise reader.error("a stack is a finished picture: put improvements on its parts")
    if not reader.at_end():
        raise reader.error("expected the end after ')'")
    return [Stack(chains) for chains in itertools.product(*parts)]


def _part(reader: Reader, is_improvement: Callable[[str], bool]) -> list[Chain]:
    if reader.passes(_OPENING):
        raise reader.error("a stack cannot hold a stack")
    return read_chains(reader, is_improvement)
