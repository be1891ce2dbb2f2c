"""The wire format of Protocol Buffers, as far as ONNX files need it.

https://protobuf.dev/programming-guides/encoding/ : a message is a row of fields; each has a
number and is either an integer, four or eight bytes, or a length and so many bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

INTEGER, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5
MOST_BITS = 64


class Damaged(ValueError):
    """The bytes are no message; the message of the error is the reason."""


class Field(NamedTuple):
    """One field of a message.

    Parameters
    ----------
    number
        Which field it is.
    integer
        Its value, where it is an integer; else 0.
    content
        Its bytes, where it has a length; else empty.
    raw
        The field as it stands in the message, its number included.
    """

    number: int
    integer: int
    content: memoryview
    raw: memoryview


def fields(message: memoryview) -> Iterator[Field]:
    """Go through the fields of a message, in order.

    Raises
    ------
    Damaged
        A field reaches past the end, or has a type that there is not.
    """
    nothing, place, end = message[:0], 0, len(message)
    while place < end:
        start = place
        tag, place = _integer(message, place)
        value, content = 0, nothing
        match tag & 7:
            case 0:
                value, place = _integer(message, place)
            case 1:
                place += 8
            case 2:
                length, place = _integer(message, place)
                content = message[place : place + length]
                place += length
            case 5:
                place += 4
            case other:
                raise Damaged(f"a field has the unknown type {other}")
        if place > end:
            raise Damaged("it ends in the middle of a field")
        yield Field(tag >> 3, value, content, message[start:place])


def _integer(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, MOST_BITS + 6, 7):
        if place >= len(message):
            raise Damaged("it ends in the middle of a number")
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise Damaged("a number is longer than 64 bits")


def integers(field: Field) -> list[int]:
    """Read a field of integers, one or packed."""
    if not len(field.content):
        return [signed(field.integer)]
    found, place = [], 0
    while place < len(field.content):
        value, place = _integer(field.content, place)
        found.append(signed(value))
    return found


def signed(value: int) -> int:
    """Return a 64-bit integer with its sign."""
    value &= 2**64 - 1
    return value - 2**64 if value >= 2**63 else value


def text(content: memoryview) -> str:
    """Read a name; what is no UTF-8 is shown as such."""
    return bytes(content).decode("utf-8", "replace")


def varint(value: int) -> bytes:
    """Write an integer."""
    value &= 2**64 - 1
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def number_field(number: int, value: int) -> bytes:
    """Write a field that is an integer."""
    return varint(number << 3 | INTEGER) + varint(value)


def bytes_field(number: int, content: bytes | str) -> bytes:
    """Write a field that has a length: bytes, a text, another message."""
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | BYTES) + varint(len(content)) + content
