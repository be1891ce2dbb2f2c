"""The words by which people call the sides and folds of a split."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Literal

Side = Literal["train", "holdout"]

TRAIN, VALIDATION, TEST, FOLD = "train", "validation", "test", "fold"

_WORDS = {
    "train": TRAIN,
    "training": TRAIN,
    "trainval": TRAIN,
    "val": VALIDATION,
    "valid": VALIDATION,
    "validate": VALIDATION,
    "validation": VALIDATION,
    "dev": VALIDATION,
    "devel": VALIDATION,
    "development": VALIDATION,
    "test": TEST,
    "testing": TEST,
    "holdout": TEST,
    "heldout": TEST,
    "eval": TEST,
    "evaluation": TEST,
}
_SIDE = re.compile(r"([a-z]+?)(?:s|sets?|data|split|clips?|audio)?")
_FOLD = re.compile(r"(?:cv)?folds?(\d{1,3})")
_BETWEEN = re.compile(r"[\s_.-]+")


def role_of(word: str) -> str | None:
    """Say what a word names: train, validation, test, "fold 3"; None for anything else.

    >>> [role_of(word) for word in ("Training", "test_set", "Fold-03", "call")]
    ['train', 'test', 'fold 3', None]
    """
    plain = _BETWEEN.sub("", word.strip().casefold())
    if fold := _FOLD.fullmatch(plain):
        return f"{FOLD} {int(fold[1])}"
    if plain in _WORDS:
        return _WORDS[plain]
    side = _SIDE.fullmatch(plain)
    return _WORDS.get(side[1]) if side else None


def fold_of(role: str | None) -> str | None:
    """Return the number of a fold, as text, out of its role."""
    return role.removeprefix(f"{FOLD} ") if role and role.startswith(FOLD) else None


def name_parts(words: Collection[str]) -> bool:
    """Say whether words that stand side by side all name parts of a split, two or more."""
    roles = {role_of(word) for word in words}
    return None not in roles and len(roles) > 1


def sides_of(roles: Collection[str]) -> Mapping[str, Side]:
    """Return the side that each part of a split is on; empty where they make no two sides.

    Test parts are held out and all others train. Where there is no test part, validation is
    held out: it is all that the data set keeps apart.
    """
    held = TEST if TEST in roles else VALIDATION
    if held not in roles or not set(roles) - {held}:
        return MappingProxyType({})
    return {role: "holdout" if role == held else "train" for role in roles}


def describe_parts(words: Collection[str], beginning: str) -> str:
    """Say in a sentence how the names of parts were understood."""
    roles = {word: role_of(word) or "" for word in words}
    sides = sides_of(set(roles.values()))
    folds = [word for word in words if fold_of(roles[word])]
    told = []
    for side, verb in (("train", "train"), ("holdout", "held out")):
        named = [word for word in words if sides.get(roles[word]) == side and word not in folds]
        if named:
            told.append(f"{', '.join(map(repr, named))}: {verb}")
    if folds:
        few = folds if len(folds) < 5 else [*folds[:2], "…", folds[-1]]
        told.append(f"{', '.join(repr(each) for each in few)}: official folds".replace("'…'", "…"))
    if not sides and len(folds) < len(roles):
        others = ", ".join(repr(word) for word in words if word not in folds)
        told.append(f"{others}: not used, for they do not make two sides")
    return f"{beginning} ({'; '.join(told)})."
