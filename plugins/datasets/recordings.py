"""What datasets of sound files share: how a file becomes a clip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from harness import BadClip, Basis, Clip, Dataset, Entry, Origin, UnlabelledDataset, parameter
from plugins.datasets.decoding import decode, rate_by_soundfile, read_rate
from plugins.datasets.resampling import fit_length, resample, suffix_of
from plugins.datasets.stores import HEAD_BYTES, Store, open_store
from plugins.datasets.unlabelled import Unlabelled


@dataclass(frozen=True, kw_only=True)
class Recordings(Dataset):
    """Sound files in a folder or a zip; `Entry.where` is a clip's name in there."""

    path: str = parameter("", "folder or zip of recordings")
    rate: float | None = parameter(
        None,
        "resample all clips to this rate; none for the lowest that the files have",
        unit="Hz",
        low=1.0,
    )
    channels: str = parameter(
        "mix", "mix all channels into one, or keep them apart", choices=("mix", "keep")
    )
    seconds: float | None = parameter(
        None,
        "make all clips this long: the end is cut off, or filled up with zeros; none leaves them",
        unit="s",
        low=0.0,
    )

    def __reduce__(self) -> tuple[Any, ...]:
        rate = self.__dict__.get("_lowest_rate")
        known = {} if rate is None else {"_lowest_rate": rate}
        return (*super().__reduce__(), known)

    @cached_property
    def _store(self) -> Store:
        return open_store(self.path)

    def _note_rates(self, entries: Sequence[Entry]) -> None:
        """Look at all headers for the lowest rate, once, before clips are read one by one."""
        if self.rate is None:
            names = (each.where or each.id for each in entries if each.fault is None)
            self.__dict__["_lowest_rate"] = lowest_rate(self._store, names)

    @cached_property
    def _lowest_rate(self) -> float | None:
        self.entries()
        found: float | None = self.__dict__.get("_lowest_rate")
        return found

    def read(self, entry: Entry) -> Clip:
        """Decode one file, mix its channels, resample it, cut or fill it."""
        name = entry.where or entry.id
        samples, rate, notes = decode(self._store.read(name))
        origin = Origin(rate, len(samples), samples.shape[1] / rate, suffix_of(name))
        if self.channels == "mix" and len(samples) > 1:
            samples = samples.mean(axis=0, keepdims=True, dtype=np.float32)
        target = self.rate or self._lowest_rate or rate
        if target != rate:
            samples = resample(samples, rate, target)
        if self.seconds:
            samples = fit_length(samples, round(self.seconds * target))
        note = "; ".join(notes)
        return Clip(entry.id, samples, target, entry.label, entry.group, note, origin)

    def for_recordings(self, seconds: float, rate: float) -> UnlabelledDataset:
        """Return what cuts recordings into windows as long as these clips, at half overlap."""
        return Unlabelled(window=seconds, hop=seconds / 2, rate=rate, channels=self.channels)

    def basis(self, entry: Entry) -> Basis:
        """Name a clip's file, or its zip, and the rate that all files together decide."""
        rate = self.rate or self._lowest_rate
        return Basis((self._store.file(entry.where or entry.id),), f"{rate!r}")


def lowest_rate(store: Store, names: Iterable[str]) -> float | None:
    """Return the lowest sample rate (Hz) among the files that can be read.

    Headers alone are looked at, and then, from the lowest rate up, one file after the other is
    read until one is sound: a damaged header must not decide the rate of all others. Reading the
    damaged ones as clips says what is wrong with them.
    """
    found: dict[float, list[str]] = defaultdict(list)
    for name in names:
        if rate := _header_rate(store, name):
            found[rate].append(name)
    usable = (rate for rate in sorted(found) if any(_is_sound(store, each) for each in found[rate]))
    return next(usable, None)


def _is_sound(store: Store, name: str) -> bool:
    try:
        decode(store.read(name))
    except BadClip:
        return False
    return True


def _header_rate(store: Store, name: str) -> float | None:
    try:
        head = store.read(name, HEAD_BYTES)
        if not head:
            return None
        if rate := read_rate(head) or rate_by_soundfile(head):
            return rate
        whole = store.read(name)
        return read_rate(whole) or rate_by_soundfile(whole)
    except BadClip:
        return None
