"""What is odd in the clips, in words: for a person to read before any accuracy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from harness.analysis.rows import Row
from harness.analysis.summary import Summary
from harness.clips.faults import by_reason
from harness.clips.oddities import ClassFacts, Oddities, Oddity
from harness.results.clips import ClipsAbout, SplitAbout
from harness.values import Fault

MOST = 8
"""Lines of the block in the terminal."""
LONGEST = 240
"""Letters of a line in the terminal."""
NAMED = 3
"""Clips or classes that are named in a line."""
BOOKKEEPING = "bookkeeping"
"""The control that sees only what is not the signal."""


def block(summary: Summary) -> list[str]:
    """Say what is odd, short: a heading and at most eight lines; nothing where nothing is."""
    lines = list(odd(summary.data, summary.split))
    if not lines:
        return []
    more = len(lines) - MOST
    shown = lines if more <= 0 else lines[: MOST - 1]
    shown = [line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in shown]
    rest = [f"and {more + 1} more: in the report, and in data.json"] if more > 0 else []
    return ["Odd in these clips:", *(f"- {line}" for line in (*shown, *rest))]


def odd(data: ClipsAbout, split: SplitAbout) -> Iterator[str]:
    """Say everything that is odd in some clips and their split, what weighs most first."""
    found = data.odd
    yield from _telltales(found)
    yield from _shared(found)
    yield from _sides(split)
    yield from (f"{remark[:1].upper()}{remark[1:]}." for remark in split.remarks)
    yield from _rates(data)
    yield from (_counted(each) for each in found.silent)
    yield from (_counted(each) for each in found.lengths)
    yield from _alike(found)
    yield from _channels(found)
    yield from (_counted(each) for each in found.clipped)
    if found.copies:
        yield f"{_clips(found.copies)} hold what another clip holds; copies never straddle a split."
    yield from (f"{_clips(len(each.clips))}: {each.what}" for each in found.notes)
    yield from found.remarks


def left_out(faults: Sequence[Fault]) -> Iterator[str]:
    """Say how many clips were left out as bad, and why: a line a reason."""
    groups = by_reason(faults)
    for group in groups[:NAMED]:
        places = _some([fault.where for fault in group])
        yield f"left out as bad: {_clips(len(group))}, {_short(group[0].why)} ({places})"
    rest = groups[NAMED:]
    if rest:
        count = _clips(sum(map(len, rest)))
        yield f"left out as bad: {count} for {len(rest)} other reasons, in data.json"


def _telltales(found: Oddities) -> Iterator[str]:
    if not found.telltales:
        return
    named = ", ".join(f"{each.fact} alone {_percent(each.accuracy)}" for each in found.telltales)
    yield (
        f"Without the signal, {named} of the clips' classes are told right (always naming one "
        f"class: {_percent(found.telltales[0].guessing)}). Pictures may be read for the same "
        "reason."
    )
    if any(each.fact == "length" for each in found.telltales):
        lengths = (f"{each.label} {each.median_s:.3g} s" for each in found.by_class)
        yield f"Lengths differ by class (medians): {_listed(lengths)}."


def _shared(found: Oddities) -> Iterator[str]:
    if found.shared:
        pairs = Counter(" and ".join(map(repr, each.labels)) for each in found.shared)
        classes = ", ".join(name for name, _ in pairs.most_common(NAMED))
        first = _some(found.shared[0].clips)
        yield (
            f"{_recordings(len(found.shared))} in two classes or more ({classes}), for example "
            f"{first}: their labels contradict each other."
        )


def _sides(split: SplitAbout) -> Iterator[str]:
    if split.never_learnt:
        yield (
            f"{_named(split.never_learnt)} in the holdout only: no classifier can learn it, so its "
            "clips count as wrong."
        )
    if split.never_asked:
        yield (
            f"{_named(split.never_asked)} in training only: the holdout does not ask for it, so "
            "nothing is known of how well it is told apart."
        )


def _rates(data: ClipsAbout) -> Iterator[str]:
    counts: Counter[float] = Counter()
    for each in data.odd.by_class:
        counts.update(dict(each.rates_hz))
    if data.odd.resampled:
        rates = ", ".join(f"{rate:g} Hz ({_clips(n)})" for rate, n in counts.most_common(NAMED))
        used = ", ".join(f"{rate:g} Hz" for rate in data.rates_hz)
        by_class = _by_class(data.odd.by_class)
        yield (
            f"Sample rates of the recordings: {rates}{by_class}; "
            f"{_clips(data.odd.resampled)} resampled, to {used}."
        )
    elif len(data.rates_hz) > 1:
        rates = ", ".join(f"{rate:g} Hz" for rate in data.rates_hz[: 2 * NAMED])
        yield f"Clips have {len(data.rates_hz)} sample rates: {rates}."


def _by_class(found: Sequence[ClassFacts]) -> str:
    first = {each.rates_hz[0][0] for each in found}
    if len(first) < 2:
        return ""
    return f" ({_listed(f'mostly {each.rates_hz[0][0]:g} Hz in {each.label}' for each in found)})"


def _channels(found: Oddities) -> Iterator[str]:
    counts: Counter[int] = Counter()
    for each in found.by_class:
        counts.update(dict(each.channels))
    if len(counts) > 1:
        kinds = (f"{number} in {_clips(n)}" for number, n in counts.most_common(NAMED))
        yield f"Channels differ: {', '.join(kinds)}."


def _alike(found: Oddities) -> Iterator[str]:
    for group in found.alike[:NAMED]:
        yield (
            f"The labels {' and '.join(map(repr, group))} differ in case, spaces or Unicode form "
            "only, and count as different classes."
        )
    if len(found.alike) > NAMED:
        yield f"{len(found.alike) - NAMED} more sets of labels are alike."


def _counted(each: Oddity) -> str:
    return f"{_clips(len(each.clips))}: {each.what} ({_some(each.clips)})"


def bookkeeping(summary: Summary) -> Iterator[str]:
    """Warn where the control that sees no signal beats always naming one class."""
    rows = [row for row in summary.rows if row.control and row.classifier == BOOKKEEPING]
    clear = [row for row in rows if row.low is not None and row.low > _chance(row)]
    if clear:
        row = clear[0]
        yield (
            f"Warning: {BOOKKEEPING}, which sees only length, sample rate, channels, level and "
            f"file kind, is right for {_percent(row.accuracy or 0.0)} of the holdout, always "
            f"naming one class for {_percent(_chance(row))}. Pictures may be read for the same "
            "reason."
        )


def _chance(row: Row) -> float:
    """Return the share of the largest class in what was asked."""
    counts: Counter[str] = Counter()
    for record in row.records:
        if record.holdout is not None:
            table = record.holdout.confusion
            counts.update(dict(zip(table.labels, map(sum, table.counts), strict=True)))
    return max(counts.values(), default=0) / max(counts.total(), 1)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _clips(count: int) -> str:
    return f"{count} clip{'' if count == 1 else 's'}"


def _recordings(count: int) -> str:
    return "1 recording is" if count == 1 else f"{count} recordings are"


def _named(classes: Sequence[str]) -> str:
    names = ", ".join(map(repr, classes[:NAMED])) + (", …" if len(classes) > NAMED else "")
    return f"Class {names} is" if len(classes) == 1 else f"Classes {names} are"


def _some(places: Sequence[str]) -> str:
    return ", ".join(map(_short, places[:NAMED])) + (", …" if len(places) > NAMED else "")


def _listed(parts: Iterable[str]) -> str:
    all_ = list(parts)
    rest = f", and {len(all_) - 6} more" if len(all_) > 6 else ""
    return ", ".join(all_[:6]) + rest


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST // 2 else f"{words[: LONGEST // 2]}…"
