from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.classifiers.transfer.wire import (
    Damaged,
    bytes_field,
    fields,
    integers,
    number_field,
    varint,
)

NUMBERS = st.integers(1, 2**29 - 1)
VALUES = st.one_of(st.integers(0, 2**64 - 1), st.binary(max_size=300))


def written(number, value):
    write = bytes_field if isinstance(value, bytes) else number_field
    return write(number, value)


@given(st.lists(st.tuples(NUMBERS, VALUES)))
def test_what_was_written_is_read(parts):
    raw = [written(*part) for part in parts]
    found = list(fields(memoryview(b"".join(raw))))
    assert [bytes(each.raw) for each in found] == raw
    for field, (number, value) in zip(found, parts, strict=True):
        assert field.number == number
        assert (bytes(field.content) or field.integer) == (value or field.integer)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_integers_are_read_one_by_one_and_packed(values):
    (packed,) = fields(memoryview(bytes_field(8, b"".join(map(varint, values)))))
    assert integers(packed) == values
    singly = [number_field(8, value) for value in values]
    found = [integers(each) for each in fields(memoryview(b"".join(singly)))]
    assert found == [[value] for value in values]


def test_the_bytes_are_those_of_the_documentation():
    assert number_field(1, 150) == b"\x08\x96\x01"
    assert bytes_field(2, "testing") == b"\x12\x07testing"


def test_numbers_of_fixed_length_are_passed_over():
    found = list(fields(memoryview(b"\x0d\x00\x00\x80\x3f" + b"\x11" + b"\0" * 8 + b"\x18\x05")))
    assert [(each.number, each.integer, len(each.raw)) for each in found] == [
        (1, 0, 5),
        (2, 0, 9),
        (3, 5, 2),
    ]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"\x12\x07testin", "ends in the middle of a field"),
        (b"\x0d\x00", "ends in the middle of a field"),
        (b"\x08", "ends in the middle of a number"),
        (b"\x08" + b"\xff" * 10 + b"\x01", "longer than 64 bits"),
        (b"\x0b", "unknown type 3"),
        (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7fx", "ends in the middle of a field"),
    ],
)
def test_damage_is_named(message, why):
    with pytest.raises(Damaged, match=why):
        list(fields(memoryview(message)))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(message):
    try:
        found = list(fields(memoryview(message)))
    except Damaged:
        return
    assert b"".join(each.raw for each in found) == message
