"""Texts one after another in one buffer; each is found by what it is, as in a dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.columns.column import BLOCK, Column

CODEC = ("utf-8", "surrogatepass")
"""How texts become bytes: names of files may hold halves of letters."""
WIDE = 256
"""Texts that are longer (bytes) are not sorted side by side in an array."""


class Strings(Column[str]):
    """Texts, one after another in one buffer.

    Parameters
    ----------
    data : array [shape=(bytes,)], uint8
        UTF-8.
    ends : array [shape=(texts + 1,)]
        Where each text begins, and where the last one ends.
    """

    __slots__ = ("_index", "data", "ends")

    def __init__(self, data: NDArray[np.uint8], ends: NDArray[np.unsignedinteger[Any]]) -> None:
        self.data, self.ends = data, ends
        self._index: tuple[NDArray[np.int64], NDArray[np.intp]] | None = None

    @classmethod
    def of(cls, texts: Iterable[str]) -> Strings:
        """Put texts into one buffer.

        Raises
        ------
        TypeError
            One is no text.
        """
        if isinstance(texts, Strings):
            return texts
        parts, lengths = [], [np.zeros(1, np.int64)]
        rest = iter(texts)
        while block := list(islice(rest, BLOCK)):
            encoded = [str.encode(each, *CODEC) for each in block]
            parts.append(b"".join(encoded))
            lengths.append(np.fromiter(map(len, encoded), np.int64, len(encoded)))
        return cls(np.frombuffer(b"".join(parts), np.uint8), _ends(np.concatenate(lengths)))

    @classmethod
    def of_bytes(cls, texts: NDArray[np.bytes_]) -> Strings:
        """Put texts of ASCII [shape=(texts,)] into one buffer; where all are long, it is theirs."""
        width = texts.dtype.itemsize
        lengths = np.char.str_len(texts)
        table = np.ascontiguousarray(texts).view(np.uint8).reshape(len(texts), width)
        if (lengths < width).any():
            table = table[np.arange(width) < lengths[:, None]]
        return cls(table.reshape(-1), _ends(np.concatenate((np.zeros(1, np.int64), lengths))))

    def __len__(self) -> int:
        return len(self.ends) - 1

    def one(self, row: int) -> str:
        """Return a text."""
        return self.data[self.ends[row] : self.ends[row + 1]].tobytes().decode(*CODEC)

    def some(self) -> Iterator[list[str]]:
        """Give all texts in order, some at a time."""
        for start in range(0, len(self), BLOCK):
            ends = self.ends[start : start + BLOCK + 1].astype(np.int64)
            whole = self.data[ends[0] : ends[-1]].tobytes()
            bounds = (ends - ends[0]).tolist()
            pairs = list(pairwise(bounds))
            if whole.isascii():
                text = whole.decode()
                yield [text[first:last] for first, last in pairs]
            else:
                yield [whole[first:last].decode(*CODEC) for first, last in pairs]

    def take(self, rows: ArrayLike | slice) -> Strings:
        """Return some texts; those of a slice stay where they are."""
        if isinstance(rows, slice):
            first, last, step = rows.indices(len(self))
            if step == 1:
                return Strings(self.data, self.ends[first : max(first, last) + 1])
            rows = range(first, last, step)
        chosen = np.asarray(rows, np.intp)
        if len(chosen) == len(self) and bool((chosen == np.arange(len(self))).all()):
            return self
        starts = self.ends[:-1][chosen].astype(np.int64)
        lengths = self.ends[1:][chosen].astype(np.int64) - starts
        ends = np.concatenate((np.zeros(1, np.int64), lengths)).cumsum()
        data = np.empty(int(ends[-1]), np.uint8)
        for first in range(0, len(chosen), BLOCK):
            here = slice(first, first + BLOCK)
            low, high = int(ends[first]), int(ends[min(first + BLOCK, len(chosen))])
            shifts = np.repeat(starts[here] - ends[:-1][here], lengths[here])
            data[low:high] = self.data[np.arange(low, high) + shifts]
        return Strings(data, ends.astype(_width(ends)))

    @classmethod
    def joined(cls, parts: Sequence[Strings]) -> Strings:
        """Put texts one below the other."""
        plain = [part.settled() for part in parts]
        lengths = [np.zeros(1, np.int64), *(np.diff(part.ends.astype(np.int64)) for part in plain)]
        data = [np.empty(0, np.uint8), *(part.data for part in plain)]
        return cls(np.concatenate(data), _ends(np.concatenate(lengths)))

    def settled(self) -> Strings:
        """Return the same texts with no others in their buffer."""
        first, last = int(self.ends[0]), int(self.ends[-1])
        if not first and last == len(self.data):
            return self
        return Strings(self.data[first:last], self.ends - self.ends[0])

    def __reduce__(self) -> tuple[Any, ...]:
        plain = self.settled()
        return Strings, (np.ascontiguousarray(plain.data), np.ascontiguousarray(plain.ends))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Strings):
            one, another = self.settled(), other.settled()
            return np.array_equal(one.ends, another.ends) and np.array_equal(one.data, another.data)
        return super().__eq__(other)

    __hash__ = None

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and self.place(text) >= 0

    def place(self, text: str) -> int:
        """Return the row of a text; -1 where there is none."""
        return int(self.places((text,))[0])

    def places(self, texts: Sequence[str]) -> NDArray[np.intp]:
        """Return the row of each of some texts, -1 of what is not here [shape=(texts,)]."""
        hashes, order = self._sorted()
        asked = np.fromiter(map(hash, texts), np.int64, len(texts))
        found = np.searchsorted(hashes, asked)
        places = np.full(len(asked), -1, np.intp)
        inside = np.flatnonzero(found < len(hashes))
        alike = inside[hashes[found[inside]] == asked[inside]]
        places[alike] = order[found[alike]]
        there = self.take(places[alike])
        chosen = texts if len(alike) == len(texts) else _picked(texts, alike)
        if isinstance(chosen, Strings) and there == chosen:
            return places
        for number, (one, other) in enumerate(zip(there, chosen, strict=True)):
            if one != other:  # two texts of one hash
                place = int(alike[number])
                places[place] = self._same(other, int(found[place]))
        return places

    def _same(self, text: str, first: int) -> int:
        """Look for a text among those of its hash; -1 where it is not there."""
        hashes, order = self._sorted()
        last = int(np.searchsorted(hashes, hashes[first], side="right"))
        return next((int(row) for row in order[first:last] if self.one(int(row)) == text), -1)

    def _sorted(self) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """Return the hashes of all texts in order, and the row of each."""
        if self._index is None:
            hashes = np.fromiter(map(hash, self), np.int64, len(self))
            order = hashes.argsort(kind="stable")
            self._index = (hashes[order], order)
        return self._index

    def order(self) -> NDArray[np.intp]:
        """Return the rows in the order of the texts, by their letters' numbers [shape=(texts,)]."""
        lengths = np.diff(self.ends.astype(np.int64))
        width = int(lengths.max(initial=0))
        if self.hold("\0") or width > WIDE:
            return np.array(sorted(range(len(self)), key=self.one), np.intp)
        # UTF-8 sorts as its letters do, and arrays of bytes are filled up with zeros.
        table = np.zeros((len(self), max(width, 1)), np.uint8)
        table[np.arange(max(width, 1)) < lengths[:, None]] = self.settled().data
        return table.view(f"S{max(width, 1)}").reshape(-1).argsort(kind="stable")

    def hold(self, letter: str) -> bool:
        """Say whether any text holds a letter of ASCII."""
        return bool((self.settled().data == ord(letter)).any())

    def begin_with(self, letters: Sequence[str]) -> bool:
        """Say whether any text begins with one of some letters of ASCII."""
        starts = self.ends[:-1][self.ends[1:] > self.ends[:-1]]
        return bool(np.isin(self.data[starts], list(map(ord, letters))).any())

    def may_repeat(self) -> bool:
        """Say whether a text may stand here twice; two that share a hash say so, too."""
        hashes, _ = self._sorted()
        return bool((hashes[1:] == hashes[:-1]).any())


def _picked(texts: Sequence[str], rows: NDArray[np.intp]) -> Sequence[str]:
    return texts.take(rows) if isinstance(texts, Strings) else [texts[row] for row in rows.tolist()]


def _width(ends: NDArray[np.int64]) -> type[np.unsignedinteger[Any]]:
    return np.uint32 if ends[-1] < 2**32 else np.uint64


def _ends(lengths: NDArray[np.int64]) -> NDArray[np.unsignedinteger[Any]]:
    ends = lengths.cumsum()
    return ends.astype(_width(ends))
