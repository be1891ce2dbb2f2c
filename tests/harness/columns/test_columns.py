"""Columns say what the objects that they stand for said."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.columns.named import Named, named
from harness.columns.strings import Strings
from harness.columns.values import Anything, Coded, Floats

# With surrogates, as the names of files can have; with zeros, which arrays of bytes lose.
TEXTS = st.lists(st.text(st.characters(codec=None), max_size=6), max_size=40)
NUMBERS = st.lists(st.none() | st.floats(), max_size=30)


def alike(column, values):
    """Compare by representation: NaN is not equal to itself, and -0.0 is to 0.0."""
    return repr(list(column)) == repr(list(values))


@given(TEXTS, st.data())
def test_texts_come_out_as_they_went_in(texts, data):
    column = Strings.of(iter(texts))
    assert column == tuple(texts)
    assert tuple(texts) == column
    assert [column[row] for row in range(len(texts))] == texts
    first, last = (data.draw(st.integers(-45, 45)) for _ in range(2))
    assert column[first:last] == tuple(texts[first:last])
    rows = data.draw(st.lists(st.integers(0, max(0, len(texts) - 1)), max_size=9)) if texts else []
    assert column.take(rows) == tuple(texts[row] for row in rows)
    assert pickle.loads(pickle.dumps(column[first:last])) == tuple(texts[first:last])
    assert Strings.joined([column, column[first:last]]) == (*texts, *texts[first:last])


@given(TEXTS, TEXTS)
def test_texts_are_found_by_what_they_are(texts, others):
    known = {text: row for row, text in reversed(list(enumerate(texts)))}
    column = Strings.of(texts)
    asked = [*others, *texts]
    assert column.places(asked).tolist() == [known.get(text, -1) for text in asked]
    assert column.places(Strings.of(asked)).tolist() == [known.get(text, -1) for text in asked]
    assert all((text in column) is (text in known) for text in asked)
    assert column.may_repeat() is (len(known) < len(texts))


@given(TEXTS)
def test_texts_are_sorted_as_python_sorts_them(texts):
    assert Strings.of(texts).order().tolist() == sorted(range(len(texts)), key=texts.__getitem__)


def test_two_texts_of_one_hash_are_told_apart(monkeypatch):
    monkeypatch.setattr("harness.columns.strings.hash", len, raising=False)
    column = Strings.of(["ab", "cd", "efg"])
    assert column.places(["cd", "ab", "xy", "efg"]).tolist() == [1, 0, -1, 2]
    assert column.may_repeat()


@given(TEXTS)
def test_what_texts_begin_with_is_seen(texts):
    column = Strings.of(texts)
    assert column.begin_with("=a\0") == any(text.startswith(("=", "a", "\0")) for text in texts)
    assert column[2:].begin_with("=a") == any(text.startswith(("=", "a")) for text in texts[2:])


def test_long_texts_are_sorted_too():
    texts = ["b" * 400, "a" * 500, "b" * 399]
    assert Strings.of(texts).order().tolist() == [1, 2, 0]


def test_hashes_of_equal_length_keep_their_buffer():
    hashes = np.array([b"0a", b"1b"])
    column = Strings.of_bytes(hashes)
    assert column == ("0a", "1b")
    assert np.shares_memory(column.data, hashes)
    assert Strings.of_bytes(np.array([b"", b"abc", b"a"])) == ("", "abc", "a")


@given(NUMBERS)
def test_numbers_come_out_to_the_last_bit(numbers):
    column = Floats.of(numbers)
    assert alike(column, numbers)
    assert alike(pickle.loads(pickle.dumps(column[::2])), numbers[::2])
    assert alike(Floats.joined([column, column]), numbers * 2)


@given(st.lists(st.sampled_from(["a", "b", None]), max_size=30))
def test_words_come_out_as_they_went_in(words):
    column = Coded.of(words)
    assert column == tuple(words)
    assert column.used() == set(words)
    assert column.counts() == {word: words.count(word) for word in dict.fromkeys(words)}
    assert Coded.joined([column, Coded.of(["c"]), column]) == (*words, "c", *words)
    assert pickle.loads(pickle.dumps(column[1:])) == tuple(words[1:])


def test_anything_stays_itself():
    odd = object()
    column = Anything([odd, 1])
    assert column[0] is odd
    assert column.take([1, 1]) == (1, 1)
    assert column[1:] == (1,)


def test_a_row_that_is_not_there_is_no_other_row():
    for column in (Strings.of(["a"]), Coded.of(["a"]), Floats.of([1.0]), Anything(["a"])):
        assert column[-1] == column[0]
        for row in (1, -2):
            with pytest.raises(IndexError):
                column[row]


@given(st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=20))
def test_values_are_found_by_name(values):
    columns = named(values)
    assert columns == values
    assert values == columns
    assert list(columns.items()) == list(values.items())
    assert list(columns.values()) == list(values.values())
    assert all(columns[name] == value for name, value in values.items())
    assert columns.pick(list(values)[::-1]) == tuple(values.values())[::-1]
    assert pickle.loads(pickle.dumps(columns)) == values


def test_a_name_that_is_not_there_is_told():
    columns = Named(Strings.of(["a"]), Coded.of(["x"]))
    for look in (lambda: columns["b"], lambda: columns.pick(["a", "b"])):
        with pytest.raises(KeyError, match="b"):
            look()
    assert columns.get("b", "y") == "y"
    assert 3 not in columns
