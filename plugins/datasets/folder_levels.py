"""What each level of folders stands for: the class, a side, a fold, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plugins.datasets.file_names import natural_order
from plugins.datasets.side_words import (
    Side,
    describe_parts,
    fold_of,
    name_parts,
    role_of,
    sides_of,
)

PARTS = "Folders that name sides or folds are no classes"

Folders = tuple[str, ...]
"""The folders that a file lies in, the outermost first."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The meaning of the levels of some folders, counted from the outermost, 0.

    Parameters
    ----------
    label
        The level whose names are the classes; None where there is none.
    parts
        The levels whose names are those of sides or folds.
    roles
        All that the names of those levels stand for.
    remarks
        What was understood, in sentences.
    """

    label: int | None
    parts: tuple[int, ...]
    roles: frozenset[str]
    remarks: tuple[str, ...]

    def side(self, folders: Folders) -> tuple[Side | None, str | None]:
        """Return the side of a file in these folders, or why it has two."""
        sides = sides_of(self.roles)
        roles = self._roles(folders)
        named = [role for role in roles if not fold_of(role)]
        found = {sides.get(role) for role in named or roles} - {None}
        if len(found) > 1:
            return None, "lies in folders of both sides, training and holdout"
        return next(iter(found), None), None

    def fold(self, folders: Folders) -> str | None:
        """Return the official fold of a file in these folders."""
        folds = [fold for role in self._roles(folders) if (fold := fold_of(role))]
        return folds[-1] if folds else None

    def _roles(self, folders: Folders) -> list[str]:
        return [role_of(folders[at]) or "" for at in self.parts if at < len(folders)]


def find_levels(folders: Sequence[Folders], labelled: bool) -> Levels:
    """Understand the folders of many files as a whole.

    A level is one of sides or folds if all of its names are such words, two or more. The
    classes are the first level below those that all files share, and that is none of parts.

    Parameters
    ----------
    labelled
        The labels come from elsewhere: no level gives classes.
    """
    parts, shared = [], []
    at, label = 0, None
    while names := _names(folders, at):
        if name_parts(names):
            parts.append(at)
        elif label is None and len(names) == 1 and _goes_on(folders, at):
            shared.append(names[0])
        elif label is None:
            label = at
        at += 1
    remarks = [describe_parts(_names(folders, level), PARTS) for level in parts]
    if label is not None and not labelled:
        remarks += _describe_classes(_names(folders, label))
    below = range(at if label is None or labelled else label + 1, at)
    remarks += [each for level in below for each in _describe_mixed(_names(folders, level))]
    remarks += [
        f"All recordings lie in the folder {name!r}; it is taken for no side, being alone."
        for name in shared
        if role_of(name) and not labelled
    ]
    roles = {role_of(name) or "" for level in parts for name in _names(folders, level)}
    return Levels(label, tuple(parts), frozenset(roles), tuple(remarks))


def _names(folders: Sequence[Folders], at: int) -> list[str]:
    return sorted({each[at] for each in folders if len(each) > at}, key=natural_order)


def _goes_on(folders: Sequence[Folders], at: int) -> bool:
    """Say whether the one folder of a level only holds those of the classes."""
    below = {each[at + 1] for each in folders if len(each) > at + 1}
    ends = any(len(each) == at + 1 for each in folders)
    return len(below) > 1 or (len(below) == 1 and not ends)


def _describe_mixed(names: Sequence[str]) -> list[str]:
    """Say that names of sides below the classes are not used, others standing beside them."""
    odd = [name for name in names if role_of(name)]
    others = [name for name in names if name not in odd]
    if len(odd) < 2 or not others:
        return []
    return [
        f"The folders {', '.join(map(repr, odd))} below the classes are not taken for sides, "
        f"since {others[0]!r} beside them is none."
    ]


def _describe_classes(names: Sequence[str]) -> list[str]:
    odd = [name for name in names if role_of(name)]
    if not odd or len(names) == 1:
        return []
    others = [name for name in names if name not in odd]
    beside = f", since {others[0]!r} beside it is no side" if others else ""
    return [
        f"The folder {name!r} is taken for a class, not a side{beside}: move it if it is one."
        for name in odd
    ]
