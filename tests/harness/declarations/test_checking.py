from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Optional

import pytest

from harness.declarations.checking import checked
from harness.declarations.parameters import parameter
from harness.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class Declared:
    rate: float | None = parameter(None, unit="Hz", low=1, high=10)
    count: int = parameter(1, low=1)
    word: str = parameter("one", choices=("one", "two"))
    text: str = parameter("", written="name")
    plain: float = 1.0
    file: Path = Path("none")


HINTS: dict[str, Any] = {
    "rate": float | None, "count": int, "word": str, "text": str, "plain": float,
    "file": Path,
}  # fmt: skip


def check(field: str, value: Any, hint: Any = None) -> Any:
    (each,) = [each for each in fields(Declared) if each.name == field]
    return checked("mine", each, hint or HINTS[field], value)


@pytest.mark.parametrize(
    ("field", "value", "own"),
    [
        ("rate", 3, 3.0),
        ("rate", None, None),
        ("count", 3.0, 3),
        ("text", 7, "7"),
        ("plain", -1, -1.0),
        ("file", "a/b.txt", Path("a/b.txt")),
    ],
)
def test_a_value_takes_its_parameters_type(field: str, value: Any, own: Any) -> None:
    assert check(field, value) == own
    assert type(check(field, value)) is type(own)


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("rate", "3", "mine: rate='3' is not float or none."),
        ("rate", True, "mine: rate=True is not float or none."),
        ("rate", 0.5, "mine: rate=0.5 is below the least that it takes, 1 Hz."),
        ("rate", 11, "mine: rate=11.0 is above the most that it takes, 10 Hz."),
        ("count", 0, "mine: count=0 is below the least that it takes, 1."),
        ("count", 1.5, "mine: count=1.5 is not int."),
        ("word", "three", "mine: word='three' is none of one, two."),
        ("plain", float("nan"), "mine: plain=nan is not a finite number."),
        ("plain", float("-inf"), "mine: plain=-inf is not a finite number."),
        ("text", None, "mine: name=None is not str."),
        ("file", 3, "mine: file=3 is not Path."),
    ],
)
def test_a_fault_is_one_sentence(field: str, value: Any, fault: str) -> None:
    with pytest.raises(ParameterError) as caught:
        check(field, value)
    assert str(caught.value) == fault


def test_older_ways_to_write_a_type() -> None:
    assert check("rate", 2, Optional[float]) == 2.0  # noqa: UP045
    assert check("text", "a", Literal["a", "b"]) == "a"
    with pytest.raises(ParameterError, match="name='c' is not"):
        check("text", "c", Literal["a", "b"])
