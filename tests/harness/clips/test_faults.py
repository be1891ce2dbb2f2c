"""Clips that cannot be used, told by reason."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.clips.faults import are_all_named, by_reason, grouped_lines, pattern_of
from harness.values import Fault


def test_reasons_that_differ_in_numbers_or_names_are_one():
    faults = [Fault(f"a/{n}.wav", f"header of a/{n}.wav promises {n} bytes") for n in range(5)]
    assert len(by_reason([*faults, Fault("b.wav", "is empty (0 bytes)")])) == 2


def test_the_most_frequent_reason_comes_first_with_three_places():
    faults = [Fault("x.wav", "is empty"), *(Fault(f"{n}.wav", "is no audio") for n in range(10))]
    assert list(grouped_lines(faults)) == [
        "10 clips: is no audio",
        "  0.wav",
        "  1.wav",
        "  2.wav",
        "  and 7 more",
        "x.wav: is empty",
    ]
    assert not are_all_named(faults)


def test_few_faults_are_all_named():
    faults = [Fault(f"{n}.wav", "is empty") for n in range(3)] + [Fault("a", "is odd")]
    assert are_all_named(faults)
    text = "\n".join(grouped_lines(faults))
    assert all(fault.where in text for fault in faults)


def test_a_name_that_is_in_the_reason_does_not_make_another_reason():
    assert pattern_of("cannot open /d/a.wav", "/d/a.wav") == pattern_of("cannot open b", "b")
    assert pattern_of("no 'x' here") == pattern_of("no 'other' here")


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=600)), min_size=1, max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_faults_fit_a_screen_and_are_counted_whole(pairs):
    faults = [Fault(where, why) for where, why in pairs]
    lines = list(grouped_lines(faults))
    assert len(lines) <= 46
    assert all("\n" not in line and len(line) < 700 for line in lines)
    assert sum(map(len, by_reason(faults))) == len(faults)
