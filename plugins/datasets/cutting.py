"""Recordings cut into windows: labels, thinning, groups and places in time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from harness import Entry
from plugins.datasets.annotations.windows import (
    BACKGROUND,
    PARTLY,
    SEVERAL,
    Labelled,
    label_windows,
    thin,
)
from plugins.datasets.recording_names import began_at, group_of
from plugins.datasets.surveys import Cut, Rules, Survey, Surveyed

_Rows = NDArray[np.intp]


def cut_windows(dataset: Rules, survey: Survey) -> Cut:
    """Cut all recordings of a survey, and count what is left out."""
    begins, dated = _begins(survey.recordings, dataset.window)
    tally: Counter[str] = Counter()
    entries: list[Entry] = []
    unheld = 0
    for recording in survey.recordings:
        starts = dataset.windows.starts(recording.duration_s)
        names = sorted(set(recording.selections.labels))
        labelled = _labelled(dataset, recording, names, len(starts))
        unheld += int((~labelled.held).sum())
        rows, each_for = _kept(dataset, recording.name, starts, labelled.codes, tally)
        found = labelled.codes[rows].tolist()
        labels = [dataset.background if code < 0 else names[code] for code in found]
        tally.update(f"label {label}" for label in labels)
        spans_s = [dataset.hop * (each_for if code < 0 else 1.0) for code in found]
        kept = zip(starts[rows].tolist(), labels, spans_s, strict=True)
        entries += _entries(dataset, recording.name, begins[recording.name], kept)
    return Cut(tuple(entries), dict(tally), unheld, dated)


def _labelled(dataset: Rules, recording: Surveyed, names: Sequence[str], count: int) -> Labelled:
    chosen = recording.selections
    codes = {name: code for code, name in enumerate(names)}
    classes = np.array([codes[label] for label in chosen.labels], dtype=np.intp)
    return label_windows(
        dataset.windows, count, chosen.start_s, chosen.end_s, classes, recording.blurred
    )


def _kept(
    dataset: Rules, name: str, starts: NDArray[np.float64], codes: _Rows, tally: Counter[str]
) -> tuple[_Rows, float]:
    """Return the windows that are used, in order of time, and count the others.

    With them comes how many windows each of background stands for.
    """
    whole = _within_parts(dataset, starts)
    tally["edge"] += int((~whole).sum())
    for what, code in (("partly", PARTLY), ("several", SEVERAL)):
        tally[what] += int((whole & (codes == code)).sum())
    named = np.flatnonzero(whole & (codes >= 0))
    empty = np.flatnonzero(whole & (codes == BACKGROUND))
    kept = _thinned(dataset, name, empty, len(named))
    tally["thinned"] += len(empty) - len(kept)
    return np.sort(np.concatenate([named, kept])), len(empty) / max(len(kept), 1)


def _within_parts(dataset: Rules, starts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which windows lie in one part whole."""
    if dataset.part is None:
        return np.ones(len(starts), dtype=bool)
    edges = (np.floor(starts / dataset.part + 1e-9) + 1) * dataset.part
    return np.asarray(starts + dataset.window <= edges + 1e-9)


def _thinned(dataset: Rules, name: str, empty: _Rows, calls: int) -> _Rows:
    """Draw background for the calls of one recording; one without calls counts as one call."""
    if dataset.background_per_call is None:
        return empty
    digest = hashlib.blake2b(name.encode("utf-8"), digest_size=8).digest()
    keep = round(dataset.background_per_call * max(calls, 1))
    return thin(empty, keep, (dataset.seed, int.from_bytes(digest, "big")))


def _entries(
    dataset: Rules, name: str, begin: float, kept: Iterable[tuple[float, str, float]]
) -> Iterator[Entry]:
    group = group_of(name, dataset.group) if dataset.group else name
    if group is None:
        why = f"is of no group: its name does not fit {dataset.group!r}"
        yield Entry(name, "", where=name, fault=why)
        return
    for start_s, label, stands_for_s in kept:
        at = f"{start_s:.6f}".rstrip("0").rstrip(".")
        part = "" if dataset.part is None else f" part {int(start_s / dataset.part + 1e-9) + 1}"
        yield Entry(
            id=f"{name}@{at}",
            label=label,
            group=f"{group}{part}",
            position=round(begin + start_s, 6),
            where=f"{name} at {at} s",
            span=(name, float(start_s), float(start_s + dataset.window)),
            stands_for_s=stands_for_s,
        )


def _begins(recordings: Sequence[Surveyed], window_s: float) -> tuple[dict[str, float], bool]:
    """Say where each recording begins in time (s), and whether their names told it.

    Recordings without dates are put one after another, in the order of the listing.
    """
    moments = {each.name: began_at(each.name) for each in recordings}
    known = [moment for moment in moments.values() if moment is not None]
    if known and len(known) == len(recordings):
        return {name: (moment or 0.0) - min(known) for name, moment in moments.items()}, True
    begins, begin = {}, 0.0
    for each in recordings:
        begins[each.name] = begin
        begin += float(np.ceil(each.duration_s + window_s))
    return begins, False
