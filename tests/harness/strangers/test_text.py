from __future__ import annotations

import io
import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.strangers.output import Diverted
from harness.strangers.text import printable, words_of

OBEYED = [
    "\x1b[31m", "\x1b]0;title\x07", "\x9b31m", "\x90q\x9c", "\r", "\x08", "\x00", "\x7f",
    "\u202e", "\u2066", "\u200b", "\u2028", "\U000e0041",
]  # fmt: skip


@pytest.mark.parametrize("text", OBEYED)
def test_what_a_terminal_obeys_is_shown(text: str) -> None:
    shown = printable(f"a{text}b")
    assert shown.startswith("a\\")
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Zl") for letter in shown)


@given(st.text(st.characters(categories=("L", "N", "P", "S"))))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(st.text())
def test_nothing_is_shown_that_could_be_obeyed(text: str) -> None:
    shown = printable(text)
    assert shown.replace("\n", "").isprintable()
    assert printable(shown) == shown


def test_the_words_of_an_error_are_one_line_that_is_safe_to_show() -> None:
    assert words_of(ValueError("one\n two\x1b[2J \udc80")) == "one two\\x1b[2J \\udc80"
    assert words_of(ValueError()) == ""


@pytest.mark.parametrize("deed", [lambda: 1 / 0, lambda: sys.exit(0), lambda: 3])
def test_an_error_that_says_nothing_is_told(deed: Callable[[], object]) -> None:
    mute = type("Mute", (Exception,), {"__str__": lambda self: deed()})
    assert words_of(mute()) == "what it says cannot be read"


def test_what_is_diverted_is_shown_and_does_not_return_to_the_line() -> None:
    elsewhere, own = io.StringIO(), io.StringIO()
    stream = Diverted(elsewhere, own)
    print("half\rwhole \x1b[2J", file=stream)
    assert elsewhere.getvalue() == "half\nwhole \\x1b[2J\n"
    assert own.getvalue() == ""
    assert stream.own is own


def test_what_is_diverted_fits_the_encoding() -> None:
    bytes_ = io.BytesIO()
    narrow = io.TextIOWrapper(bytes_, encoding="ascii")
    stream = Diverted(narrow)
    print("кит", file=stream)
    stream.flush()
    assert bytes_.getvalue() == b"\\u043a\\u0438\\u0442\n"
    assert sys.stdout is not stream
