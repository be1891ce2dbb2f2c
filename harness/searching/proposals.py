"""New ways to draw: at random, a step away from what did well, or several of those as a stack.

What is proposed depends on the space, the seed, the round and what did best so far, and on
nothing else: the same search proposes the same again.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.planning.specs import Chain, Spec, Value
from harness.planning.ways import FEWEST, MOST, Stack, Way, chains_of
from harness.searching.space import Dial, Space

MOST_IMPROVEMENTS = 3
"""Longer chains are not proposed: each step blurs what the last one sharpened."""
SHARE_STACKS, SHARE_RANDOM = 0.25, 0.2
"""Of the proposals of every round but the first; all others are a step from the best."""
SHARE_JUMPS = 0.25
"""Of the turns of an ordered dial: to any value instead of the next one."""


@dataclass(frozen=True, slots=True)
class Proposer:
    """Proposes ways to draw.

    Parameters
    ----------
    seed
        The same one proposes the same.
    """

    space: Space
    seed: int

    def propose(
        self, round_number: int, best: Sequence[Way], beaten: Container[str] = ()
    ) -> Iterator[Way]:
        """Give proposals without end, which may repeat each other and need not fit together.

        Parameters
        ----------
        best
            What did best so far, the best first; the start alone in the first round.
        beaten
            Representations that are not proposed again.
        """
        rng = np.random.default_rng([self.seed, round_number, 0x5EA2C4])
        names = [name for name in self.space.representations if name not in beaten]
        drawing = _Drawing(rng, self.space, names or list(self.space.representations))
        while True:
            drawn = rng.random()
            if round_number == 0:
                yield drawing.at_random() if drawn < 0.5 else drawing.step(best)
            elif drawn < SHARE_RANDOM:
                yield drawing.at_random()
            elif drawn < SHARE_RANDOM + SHARE_STACKS and self.space.stacks:
                yield drawing.stacked(best)
            else:
                yield drawing.step(best)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws changes of one round; `names` are the representations that it may take."""

    rng: np.random.Generator
    space: Space
    names: Sequence[str]

    def at_random(self) -> Chain:
        """Take any representation, up to two improvements, and turn a dial or two."""
        chain = Chain(Spec(_any(self.rng, self.names)))
        for _ in range(int(self.rng.integers(0, 3))):
            chain = self._grown(chain)
        for _ in range(int(self.rng.integers(0, 3))):
            chain = self._turned(chain)
        return chain

    def step(self, best: Sequence[Way]) -> Way:
        """Change one thing, or two, about one of the best."""
        way = best[_lean(self.rng, len(best))]
        for _ in range(1 if self.rng.random() < 0.6 else 2):
            parts = list(chains_of(way))
            place = int(self.rng.integers(len(parts)))
            parts[place] = self._changed(parts[place])
            way = Stack(tuple(parts)) if isinstance(way, Stack) else parts[0]
        return way

    def _changed(self, chain: Chain) -> Chain:
        drawn = self.rng.random()
        if drawn < 0.55:
            return self._turned(chain)
        if drawn < 0.75:
            return self._grown(chain)
        if drawn < 0.9 and chain.improvements:
            gone = int(self.rng.integers(len(chain.improvements)))
            kept = (*chain.improvements[:gone], *chain.improvements[gone + 1 :])
            return replace(chain, improvements=kept)
        return replace(chain, representation=Spec(_any(self.rng, self.names)))

    def _grown(self, chain: Chain) -> Chain:
        """Put in an improvement that is not there yet, at any place."""
        there = {spec.name for spec in chain.improvements}
        others = [name for name in self.space.improvements if name not in there]
        if not others or len(chain.improvements) >= MOST_IMPROVEMENTS:
            return chain
        place = int(self.rng.integers(len(chain.improvements) + 1))
        added = Spec(_any(self.rng, others))
        parts = (*chain.improvements[:place], added, *chain.improvements[place:])
        return replace(chain, improvements=parts)

    def _turned(self, chain: Chain) -> Chain:
        """Turn one dial of one plugin."""
        specs = (chain.representation, *chain.improvements)
        dials = [
            (at, dial) for at, spec in enumerate(specs) for dial in self.space.dials(spec.name)
        ]
        if not dials:
            return chain
        at, dial = dials[int(self.rng.integers(len(dials)))]
        turned = _set(specs[at], dial, _next(self.rng, dial, dial.place(specs[at])))
        changed = (*specs[:at], turned, *specs[at + 1 :])
        return Chain(changed[0], changed[1:])

    def stacked(self, best: Sequence[Way]) -> Way:
        """Put two or three of the best into one picture; a step instead where there are not two."""
        parts = list(dict.fromkeys(chain for way in best for chain in chains_of(way)))
        if len(parts) < FEWEST:
            return self.step(best)
        count = min(int(self.rng.integers(FEWEST, MOST + 1)), len(parts))
        drawn: list[int] = []
        while len(drawn) < count:
            place = _lean(self.rng, len(parts))
            drawn += [place] * (place not in drawn)
        return Stack(tuple(parts[place] for place in drawn))


def simpler(way: Way) -> Iterator[Way]:
    """Give a way with one parameter left at its default, for each that it sets."""
    chains = chains_of(way)
    for part, chain in enumerate(chains):
        specs = (chain.representation, *chain.improvements)
        for at, spec in enumerate(specs):
            for left_out in spec.parameters:
                kept = Spec(spec.name, tuple(p for p in spec.parameters if p != left_out))
                changed = (*specs[:at], kept, *specs[at + 1 :])
                parts = (*chains[:part], Chain(changed[0], changed[1:]), *chains[part + 1 :])
                yield Stack(parts) if isinstance(way, Stack) else parts[0]


def _set(spec: Spec, dial: Dial, value: Value) -> Spec:
    kept = tuple(pair for pair in spec.parameters if pair[0] != dial.name)
    return Spec(spec.name, kept if value == dial.default else (*kept, (dial.name, value)))


def _next(rng: np.random.Generator, dial: Dial, place: int | None) -> Value:
    """Take a neighbouring value of an ordered dial, or now and then any; else any other one."""
    last = len(dial.values) - 1
    if dial.ordered and place is not None and rng.random() >= SHARE_JUMPS:
        step = 1 if rng.random() < 0.5 else -1
        aim = place + step
        return dial.values[aim if 0 <= aim <= last else place - step]
    others = [value for at, value in enumerate(dial.values) if at != place]
    return others[int(rng.integers(len(others)))]


def _any(rng: np.random.Generator, names: Sequence[str]) -> str:
    return names[int(rng.integers(len(names)))]


def _lean(rng: np.random.Generator, count: int) -> int:
    """Draw a place, the first half as often again as it would be drawn alike."""
    return int(min(rng.integers(count), rng.integers(count)))
