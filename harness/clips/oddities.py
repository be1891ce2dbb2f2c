"""What is odd in the clips: everything that a person should know before any accuracy."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.clips.collection import Collection
from harness.clips.facts import Facts
from harness.clips.faults import pattern_of
from harness.clips.telltales import Telltale, find_telltales
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
    entries, readings = collection.entries, collection.readings
    facts = [reading.facts for reading in readings]
    labels = [entry.label for entry in entries]
    ids = [entry.id for entry in entries]
    changed = (
        each is not None and each.origin.rate != reading.rate
        for each, reading in zip(facts, readings, strict=True)
    )
    return Oddities(
        by_class=tuple(_by_class(labels, facts)),
        resampled=sum(changed),
        silent=_gathered(ids, facts, _silence(facts)),
        clipped=_gathered(ids, facts, _clipping),
        lengths=_gathered(ids, facts, _length(facts)),
        shared=tuple(_shared(collection)),
        copies=len(readings) - len({reading.content for reading in readings}),
        alike=labels_alike(collection.classes),
        telltales=find_telltales(labels, facts),
        notes=tuple(_notes(collection)),
        remarks=_remarks(collection),
    )


def _by_class(labels: Sequence[str], facts: Sequence[Facts | None]) -> Iterator[ClassFacts]:
    members: dict[str, list[Facts]] = defaultdict(list)
    for label, each in zip(labels, facts, strict=True):
        if each is not None:
            members[label].append(each)
    for label, found in sorted(members.items()):
        seconds = [each.origin.seconds for each in found]
        levels = [each.level_db for each in found if np.isfinite(each.level_db)]
        yield ClassFacts(
            label=label,
            clips=len(found),
            rates_hz=tuple(Counter(float(each.origin.rate) for each in found).most_common()),
            channels=tuple(Counter(each.origin.channels for each in found).most_common()),
            kinds=tuple(Counter(each.origin.kind for each in found).most_common()),
            shortest_s=min(seconds),
            median_s=float(np.median(seconds)),
            longest_s=max(seconds),
            level_db=float(np.median(levels)) if levels else None,
        )


Judge = Callable[[Facts], str]
"""Says what is odd in a clip; empty where nothing is."""


def _gathered(
    ids: Sequence[str], facts: Sequence[Facts | None], judge: Judge
) -> tuple[Oddity, ...]:
    found: dict[str, list[str]] = defaultdict(list)
    for id, each in zip(ids, facts, strict=True):
        what = "" if each is None else judge(each)
        if what:
            found[what].append(id)
    return tuple(Oddity(what, tuple(clips)) for what, clips in found.items())


def _silence(facts: Sequence[Facts | None]) -> Judge:
    levels = [each.level_db for each in facts if each is not None and np.isfinite(each.level_db)]
    usual_db = float(np.median(levels)) if levels else 0.0

    def judge(clip: Facts) -> str:
        mixed = clip.origin.channels > 1
        if clip.silent:
            return "silent, all samples are zero" + (", channels mixed" if mixed else "")
        if clip.constant:
            return "silent, all samples are the same"
        below = f"nearly silent, more than {-QUIET_DB:g} dB below "
        reference_db = 0.0 if clip.recorded else usual_db
        if clip.level_db < reference_db + QUIET_DB:
            return below + ("full scale" if clip.recorded else "the usual clip")
        if clip.mixed_db is not None and clip.mixed_db < clip.level_db + QUIET_DB:
            return "silent once their channels are mixed, which cancel each other"
        return ""

    return judge


def _length(facts: Sequence[Facts | None]) -> Judge:
    seconds = [each.origin.seconds for each in facts if each is not None]
    usual_s = float(np.median(seconds)) if seconds else 0.0

    def judge(clip: Facts) -> str:
        if clip.origin.seconds > TIMES * usual_s:
            return f"more than {TIMES:g} times as long as the usual clip ({usual_s:.3g} s)"
        if clip.origin.seconds * TIMES < usual_s:
            return f"less than a quarter of the usual clip ({usual_s:.3g} s)"
        return ""

    return judge


def _clipping(clip: Facts) -> str:
    if clip.clipped <= CLIPPED or clip.constant:
        return ""
    return f"clipped, more than {100 * CLIPPED:g}% of their samples at full scale"


def _shared(collection: Collection) -> Iterator[Shared]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, reading in enumerate(collection.readings):
        rows[reading.content].append(row)
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
    for entry, reading in zip(collection.entries, collection.readings, strict=True):
        if reading.note:
            pattern = pattern_of(reading.note, entry.where or entry.id)
            words.setdefault(pattern, reading.note)
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
