"""What is odd in the clips: everything that a person should know before any accuracy."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.clips.collection import Collection
from harness.clips.faults import pattern_of
from harness.clips.telltales import Telltale, fact_columns, find_telltales
from harness.errors import one_line

QUIET_DB = -80.0
"""What lies further below full scale is near silence; in other units, below the median clip."""
TIMES = 4.0
"""A clip that is so many times longer or shorter than the usual one is named."""
CLIPPED = 0.001
"""A clip with a larger share of samples at full scale is called clipped."""


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """How the clips of one class were recorded.

    Parameters
    ----------
    rates_hz, channels, kinds
        How many clips of each, most frequent first; kinds of files are "" where unknown.
    shortest_s, median_s, longest_s
        As they were recorded.
    level_db
        The median power around the mean (dB); None where all clips are constant.
    """

    label: str
    clips: int
    rates_hz: tuple[tuple[float, int], ...]
    channels: tuple[tuple[int, int], ...]
    kinds: tuple[tuple[str, int], ...]
    shortest_s: float
    median_s: float
    longest_s: float
    level_db: float | None


@dataclass(frozen=True, slots=True)
class Oddity:
    """Clips that share something odd.

    Parameters
    ----------
    what
        "all samples are zero", ...: what a sentence says of them.
    clips
        Their ids.
    """

    what: str
    clips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """One recording that stands in several classes: the ids and classes of its copies."""

    clips: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Oddities:
    """All that is odd in some clips.

    Parameters
    ----------
    by_class
        How the clips of each class were recorded; empty where readers do not say.
    resampled
        Clips that were resampled to the rate that is used.
    silent
        Silent, nearly silent, constant or cancelling clips.
    clipped
        Clips with many samples at full scale.
    lengths
        Clips that are much longer or much shorter than the usual one.
    shared
        Recordings that stand in several classes.
    copies
        Clips beyond the first of each recording.
    alike
        Labels that differ in case, spaces or Unicode form only.
    telltales
        Facts that tell the classes apart without the signal.
    notes
        How files were read that were not as they should be.
    remarks
        What the dataset says of itself.
    """

    by_class: tuple[ClassFacts, ...] = ()
    resampled: int = 0
    silent: tuple[Oddity, ...] = ()
    clipped: tuple[Oddity, ...] = ()
    lengths: tuple[Oddity, ...] = ()
    shared: tuple[Shared, ...] = ()
    copies: int = 0
    alike: tuple[tuple[str, ...], ...] = ()
    telltales: tuple[Telltale, ...] = ()
    notes: tuple[Oddity, ...] = ()
    remarks: tuple[str, ...] = ()


def find_oddities(collection: Collection) -> Oddities:
    """Look for what is odd in clips that were read."""
    table = collection.readings.table
    alike = np.unique(
        collection.readings.contents, return_index=True, return_inverse=True, return_counts=True
    )
    changed = table["known"] & (table["origin_rate"] != table["rate"])
    return Oddities(
        by_class=tuple(_by_class(collection)),
        resampled=int(np.count_nonzero(changed)),
        silent=_gathered(collection, _silence(table)),
        clipped=_gathered(collection, _clipping(table)),
        lengths=_gathered(collection, _length(table)),
        shared=tuple(_shared(collection, *alike[1:])),
        copies=len(collection) - len(alike[0]),
        alike=labels_alike(collection.classes),
        telltales=find_telltales(collection.class_numbers, fact_columns(collection.readings)),
        notes=tuple(_notes(collection)),
        remarks=_remarks(collection),
    )


def _by_class(collection: Collection) -> Iterator[ClassFacts]:
    readings = collection.readings
    for number, label in enumerate(collection.classes):
        rows = readings.table[readings.table["known"] & (collection.class_numbers == number)]
        if not len(rows):
            continue
        levels = rows["level_db"][np.isfinite(rows["level_db"])]
        kinds = (readings.words[number] for number in rows["kind"].tolist())
        yield ClassFacts(
            label=label,
            clips=len(rows),
            rates_hz=tuple(Counter(rows["origin_rate"].tolist()).most_common()),
            channels=tuple(Counter(rows["origin_channels"].tolist()).most_common()),
            kinds=tuple(Counter(kinds).most_common()),
            shortest_s=float(rows["origin_seconds"].min()),
            median_s=float(np.median(rows["origin_seconds"])),
            longest_s=float(rows["origin_seconds"].max()),
            level_db=float(np.median(levels)) if len(levels) else None,
        )


Verdicts = Sequence[tuple[str, NDArray[np.bool_]]]
"""What may be odd, and the clips [shape=(clips,)] that it is said of if nothing before is."""


def _gathered(collection: Collection, verdicts: Verdicts) -> tuple[Oddity, ...]:
    """Put the clips together of which the same is said, in the order in which they come."""
    known = collection.readings.table["known"]
    chosen = np.select([odd & known for _, odd in verdicts], range(1, len(verdicts) + 1), 0)
    found: dict[str, list[str]] = defaultdict(list)
    for row in np.flatnonzero(chosen):
        found[verdicts[chosen[row] - 1][0]].append(collection.ids[row])
    return tuple(Oddity(what, tuple(clips)) for what, clips in found.items())


def _silence(table: NDArray[np.void]) -> Verdicts:
    level_db, zero = table["level_db"], table["peak"] == 0
    usual = level_db[table["known"] & np.isfinite(level_db)]
    usual_db = float(np.median(usual)) if len(usual) else 0.0
    recorded, mixed = table["recorded"], table["origin_channels"] > 1
    reference_db = np.where(recorded, 0.0, usual_db)
    quiet = level_db < reference_db + QUIET_DB
    below = f"nearly silent, more than {-QUIET_DB:g} dB below "
    return (
        ("silent, all samples are zero, channels mixed", zero & mixed),
        ("silent, all samples are zero", zero),
        ("silent, all samples are the same", np.isinf(level_db)),
        (below + "full scale", quiet & recorded),
        (below + "the usual clip", quiet),
        (
            "silent once their channels are mixed, which cancel each other",
            table["mixed_db"] < level_db + QUIET_DB,
        ),
    )


def _length(table: NDArray[np.void]) -> Verdicts:
    seconds, known = table["origin_seconds"], table["known"]
    usual_s = float(np.median(seconds[known])) if known.any() else 0.0
    longer = f"more than {TIMES:g} times as long as the usual clip ({usual_s:.3g} s)"
    shorter = f"less than a quarter of the usual clip ({usual_s:.3g} s)"
    return ((longer, seconds > TIMES * usual_s), (shorter, seconds * TIMES < usual_s))


def _clipping(table: NDArray[np.void]) -> Verdicts:
    varies = (table["peak"] == 0) | np.isfinite(table["level_db"])
    what = f"clipped, more than {100 * CLIPPED:g}% of their samples at full scale"
    return ((what, (table["clipped"] > CLIPPED) & varies),)


def _shared(
    collection: Collection,
    firsts: NDArray[np.intp],
    numbers: NDArray[np.intp],
    counts: NDArray[np.intp],
) -> Iterator[Shared]:
    """Find recordings that stand in several classes.

    Parameters
    ----------
    firsts, counts : array [shape=(recordings,)]
        The first row of each, and how many rows it has.
    numbers : array [shape=(clips,)]
        The recording of each clip.
    """
    rows: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(counts[numbers] > 1).tolist():
        rows[int(firsts[numbers[row]])].append(row)
    for members in rows.values():
        entries = [collection.entries[row] for row in members]
        labels = dict.fromkeys(entry.label for entry in entries)
        if len(labels) > 1:
            yield Shared(tuple(entry.id for entry in entries), tuple(labels))


def labels_alike(labels: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Put labels together that differ in case, spaces or Unicode form only."""
    groups: dict[str, list[str]] = defaultdict(list)
    for label in labels:
        folded = unicodedata.normalize("NFKC", label).casefold()
        groups["".join(unicodedata.normalize("NFKC", folded).split())].append(label)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _notes(collection: Collection) -> Iterator[Oddity]:
    found: Mapping[str, list[str]] = defaultdict(list)
    words: dict[str, str] = {}
    for row, note in collection.readings.notes().items():
        entry = collection.entries[row]
        pattern = pattern_of(note, entry.where or entry.id)
        words.setdefault(pattern, note)
        found[pattern].append(entry.id)
    for pattern, clips in found.items():
        yield Oddity(words[pattern], tuple(clips))


def _remarks(collection: Collection) -> tuple[str, ...]:
    dataset = collection.dataset
    try:
        said = list(dataset.remarks(collection.entries))
    except (Exception, SystemExit) as error:  # a stranger's dataset: its remarks are no figures
        said = [f"{dataset.name} cannot say what was odd in its listing: {one_line(error)}"]
    return tuple(" ".join(str(sentence).split()) for sentence in said)
