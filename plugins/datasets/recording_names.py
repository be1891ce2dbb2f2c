"""What the names of long recordings say: their group, and when they began."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath

from harness import ParameterError

_FIELD = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[a-z_][a-z0-9_]*|\*")
_STAMP = re.compile(r"(?<!\d)(\d{8})[_T-]?(\d{6})(?!\d)")


def check_pattern(plugin: str, pattern: str) -> None:
    """Refuse a pattern of names that cannot give a group.

    Raises
    ------
    ParameterError
        A brace stands alone, or the fields are named wrongly, twice or not at all.
    """
    fields = _FIELD.findall(pattern)
    named = [each for each in fields if each != "*"]
    why = ""
    if set("{}") & set(_FIELD.sub("", pattern)):
        why = "holds a brace without its partner"
    elif wrong := [each for each in fields if not _NAME.fullmatch(each)]:
        why = f"holds {{{wrong[0]}}}; a field is {{small_letters}} or {{*}}"
    elif not named:
        why = "names no field, such as {site}"
    elif len(set(named)) < len(named):
        why = "names a field twice"
    if why:
        raise ParameterError(f"{plugin}: group={pattern!r} {why}.")


def group_of(name: str, pattern: str) -> str | None:
    """Return what the named fields of a pattern stand for in a name, or None if it does not fit.

    "{site}_{*}" makes "siteA" of "siteA_20090401_000000.flac". A pattern is compared with the
    whole name without its suffix or, if it holds a "/", with the end of the whole path.
    """
    path = PurePosixPath(name)
    subject = str(path.with_suffix("")) if "/" in pattern else path.stem
    begin = r"(?:\A|/)" if "/" in pattern else r"\A"
    parts = _FIELD.split(pattern)
    written = [
        re.escape(part) if place % 2 == 0 else "[^/]*?" if part == "*" else "([^/]+?)"
        for place, part in enumerate(parts)
    ]
    found = re.search(begin + "".join(written) + r"\Z", subject)
    return "_".join(found.groups()) if found else None


def began_at(name: str) -> float | None:
    """Read when a recording began from a stamp in its name, YYYYMMDD_HHMMSS (s since 1970)."""
    for date, time in _STAMP.findall(PurePosixPath(name).name):
        try:
            moment = datetime.strptime(date + time, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            continue
        return moment.timestamp()
    return None
