"""Typed values as JSON, and the one door through which they come back: checked, or refused."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

from harness.errors import StoreError
from harness.files.whole import write_whole

SCHEMA = 1
"""Of every document; one of another is refused."""

_AS_IT_IS: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False}
_PLAIN = {str, int, float, bool, type(None)}

Value = TypeVar("Value")


def plain(value: Any) -> Any:
    """Return a dataclass as dictionaries, lists and plain values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (each.name for each in dataclasses.fields(value))
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def written(values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> str:
    """Write plain values as JSON text, a line each: ``json.dumps`` with an indent of one.

    With an indent it works in pure Python. Runs of plain values, most of any document, are
    therefore given to its C code, with the line's end as the separator: a tenth of the time.
    """
    return _text(values, 0)


def _text(value: Any, depth: int) -> str:
    """Write a value that stands behind so many spaces."""
    end, keyed = "\n" + " " * depth, isinstance(value, dict)
    if not isinstance(value, (dict, list, tuple)) or not value:
        return _line_by_line(0).encode(value)
    if keyed and set(map(type, value)) != {str}:
        return json.dumps(value, indent=1, **_AS_IT_IS).replace("\n", end)
    inner = value.values() if isinstance(value, dict) else value
    if set(map(type, inner)) <= _PLAIN:
        flat = _line_by_line(depth).encode(value)
        return f"{flat[0]}{end} {flat[1:-1]}{end}{flat[-1]}"
    if isinstance(value, (list, tuple)) and _are_rows(value):
        within = f"{end}  "  # no text holds the end of a line: JSON writes it in two letters
        rows = _line_by_line(depth + 1).encode(value)[2:-2]
        rows = rows.replace(f"}},{within}{{", f"{end} }},{end} {{{within}")
        return f"[{end} {{{within}{rows}{end} }}{end}]"
    parts = [_text(each, depth + 1) for each in inner]
    if keyed:
        names = map(_line_by_line(0).encode, value)
        parts = [f"{name}: {part}" for name, part in zip(names, parts, strict=True)]
    opening, closing = "{}" if keyed else "[]"
    return f"{opening}{end} {f',{end} '.join(parts)}{end}{closing}"


def _are_rows(values: Sequence[Any]) -> bool:
    """Say whether all are dictionaries of plain values, none of them empty."""
    if set(map(type, values)) != {dict} or not all(values):
        return False
    names, cells = chain.from_iterable(values), chain.from_iterable(map(dict.values, values))
    return set(map(type, names)) == {str} and set(map(type, cells)) <= _PLAIN


@cache
def _line_by_line(depth: int) -> json.JSONEncoder:
    """Return what writes plain values a line each, one space further in than `depth`."""
    return json.JSONEncoder(separators=(",\n " + " " * depth, ": "), **_AS_IT_IS)


def filled(
    pattern: str, columns: Iterable[Sequence[str | int | None]], *, ascii: bool = True
) -> Iterator[str]:
    """Write rows by a pattern that has a place (``%s``) for each column, where its JSON goes.

    Of many rows that are alike this makes the same text as `json.dumps` in a fifth of the time.

    Parameters
    ----------
    ascii
        Write other letters as escapes.
    """
    texts = [_each_written(column, ascii) for column in columns]
    return map(pattern.__mod__, zip(*texts, strict=True))


def _each_written(values: Sequence[str | int | None], ascii: bool) -> list[str]:
    if not values:
        return []
    line_by_line = json.JSONEncoder(separators=("\n", ": "), ensure_ascii=ascii)
    return line_by_line.encode(list(values))[1:-1].split("\n")


def write_document(path: Path, value: Any) -> None:
    """Write a dataclass, or plain values, as a JSON file that appears whole.

    Raises
    ------
    OSError
        It cannot be written.
    """
    write_whole(path, written({"schema": SCHEMA, **plain(value)}))


def read_document(kind: type[Value], path: Path) -> Value:
    """Read a JSON file back as a dataclass of that kind.

    Raises
    ------
    StoreError
        It is missing, damaged, of another schema, or says what such a document cannot say.
    """
    return checked(kind, read_values(path), str(path))


def read_values(path: Path) -> dict[str, Any]:
    """Read the plain values of a JSON document.

    Raises
    ------
    StoreError
        It is missing, damaged, or of another schema.
    """
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise StoreError(f"{path} is missing: this is not a whole run of sightbench.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{path} cannot be read: {error}.") from None
    if not isinstance(values, dict) or values.get("schema") != SCHEMA:
        raise StoreError(f"{path} is of another schema; this sightbench reads schema {SCHEMA}.")
    return values


def get_ready(*kinds: Any) -> None:
    """Make what checks documents of some kinds: that takes longer than to check one."""
    for kind in kinds:
        _adapter(kind)


def checked(kind: type[Value], values: Mapping[str, Any], where: str) -> Value:
    """Turn plain values into a dataclass, every field of the type that it is declared with.

    Raises
    ------
    StoreError
        A field is missing or of another type; the message names the first such fields.
    """
    from pydantic import ValidationError

    try:
        text = json.dumps(values, allow_nan=False)
        value: Value = _adapter(cast(Any, kind)).validate_json(text, strict=True)
        return value
    except ValidationError as error:
        faults = [
            ": ".join(filter(None, (".".join(map(str, each["loc"])), _said(each))))
            for each in error.errors(include_url=False, include_input=False)[:3]
        ]
        raise StoreError(f"{where} is damaged: {'; '.join(faults)}.") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"{where} is damaged: {error}.") from None


def _said(fault: Any) -> str:
    """Say what a check of ours said without pydantic's words before it."""
    return str(fault["ctx"]["error"] if fault["type"] == "value_error" else fault["msg"])


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
