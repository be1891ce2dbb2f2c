"""Labels and groups that a person may have meant as one."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from harness import Entry


def clean(text: str) -> str:
    """Return a name without spaces around it, in Unicode form C: so two that look alike are one."""
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()


def bare(text: str) -> str:
    """Return a name without its case, its spaces and what nobody sees in it."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKC", folded)
        if not letter.isspace() and unicodedata.category(letter) != "Cf"
    )


def describe_alike(entries: Iterable[Entry]) -> list[str]:
    """Name the labels, and the groups, that differ only in their spelling."""
    labels: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    for entry in entries:
        labels.update([entry.label] if entry.label else [])
        groups.update([entry.group] if entry.group else [])
    return [
        f"{title} that differ only in letter case or spaces: {', '.join(alike)}. "
        f"They are counted as different; are they the same {noun}?"
        for title, noun, counts in (("Labels", "class", labels), ("Groups", "group", groups))
        for alike in _alike(counts)
    ]


def _alike(counts: Mapping[str, int]) -> list[list[str]]:
    families: dict[str, list[str]] = defaultdict(list)
    for name in sorted(counts):
        families[bare(name)].append(f"{name!r} ({counts[name]})")
    return [family for family in families.values() if len(family) > 1]


def describe_merged(written: Iterable[str]) -> list[str]:
    """Name the labels that are written in several ways, yet look the same."""
    families: dict[str, set[str]] = defaultdict(set)
    for text in written:
        families[clean(text)].add(text)
    return [
        f"Written in {len(ways)} ways that differ only in spaces around it or in Unicode form, "
        f"counted as the same class: {name!r}."
        for name, ways in sorted(families.items())
        if len(ways) > 1
    ]
