"""Readings in columns: what is put in comes out, one by one and joined."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from harness.clips.facts import Facts
from harness.clips.readings import Reading, Readings
from harness.clips.telltales import fact_columns, fact_table
from harness.values import Origin

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ORIGINS = st.builds(Origin, NUMBERS, st.integers(1, 9), NUMBERS, st.sampled_from(["", "wav", "b"]))
FACTS = st.builds(
    Facts,
    ORIGINS,
    st.booleans(),
    st.one_of(NUMBERS, st.just(-math.inf)),
    st.one_of(st.none(), NUMBERS),
    NUMBERS,
    NUMBERS,
)
READINGS = st.lists(
    st.builds(
        Reading,
        st.text("0123456789abcdef", max_size=32),
        st.integers(0, 2**40),
        st.integers(0, 64),
        NUMBERS,
        NUMBERS,
        st.one_of(st.none(), st.text(min_size=1)),
        st.text(),
        st.one_of(st.none(), FACTS),
    ),
    max_size=8,
)


@given(READINGS)
def test_what_is_put_into_columns_comes_out(readings):
    columns = Readings.of(readings)
    assert list(columns) == readings
    assert [columns[row] for row in range(len(columns))] == readings
    assert columns.texts() == [each.content for each in readings]
    assert list(columns.faults().values()) == [r.fault for r in readings if r.fault]
    assert list(columns.notes().values()) == [r.note for r in readings if r.note]


@given(READINGS, READINGS)
def test_parts_are_joined_in_order(one, other):
    joined = Readings.joined([Readings.of(one), Readings.of(other)])
    assert list(joined) == [*one, *other]
    assert list(joined.take(range(len(joined))[::-1])) == [*one, *other][::-1]
    assert list(joined[1:3]) == [*one, *other][1:3]


@given(READINGS)
def test_the_table_of_facts_is_that_of_the_facts_one_by_one(readings):
    table = fact_columns(Readings.of(readings))
    assert table.tolist() == fact_table([each.facts for each in readings]).tolist()
