"""What is odd, in sentences."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from harness.clips.oddities import ClassFacts, Oddities, Oddity, Shared
from harness.clips.telltales import Telltale
from harness.reporting.wording import clips as wording
from harness.results.clips import ClipsAbout, SplitAbout
from harness.values import Fault

ABOUT = ClipsAbout("d", "", "", False, 4, {"a": 2, "b": 2}, 0, (8000.0,), 1.0, 2.0, ())
SPLIT = SplitAbout("stratified", 1, ("x",), 3, 1, 0, 0, 0)


def recorded(label, rate, channels=1):
    rates, numbers = ((rate, 2),), ((channels, 2),)
    return ClassFacts(label, 2, rates, numbers, (("wav", 2),), 1.0, 1.5, 2.0, -20.0)


def lines(odd=None, **split):
    about = dataclasses.replace(ABOUT, odd=odd or Oddities())
    return list(wording.odd(about, dataclasses.replace(SPLIT, **split)))


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (Oddities(telltales=(Telltale("length", 0.9, 0.5),)), ["length alone 90.0%", "50.0%"]),
        (
            Oddities((recorded("a", 8000.0), recorded("b", 16000.0)), resampled=2),
            ["16000 Hz (2 clips)", "mostly 16000 Hz in b", "2 clips resampled, to 8000 Hz"],
        ),
        (Oddities(shared=(Shared(("x", "y"), ("a", "b")),)), ["'a' and 'b'", "x, y"]),
        (Oddities(silent=(Oddity("silent", ("x",)),)), ["1 clip: silent (x)"]),
        (Oddities(clipped=(Oddity("clipped", tuple("xyzw")),)), ["4 clips: clipped (x, y, z, …)"]),
        (Oddities(alike=(("call", "Call"),)), ["'call' and 'Call'"]),
        (Oddities((recorded("a", 8e3), recorded("b", 8e3, 2))), ["Channels differ: 1 in 2 clips"]),
        (Oddities(notes=(Oddity("header odd", ("x", "y")),)), ["2 clips: header odd"]),
        (Oddities(remarks=("3 files were left out.",)), ["3 files were left out."]),
    ],
)
def test_each_oddity_has_its_sentence(odd, words):
    text = " ".join(lines(odd))
    assert all(word in text for word in words)


def test_classes_on_one_side_are_named():
    assert "'a' is in the holdout only" in lines(never_learnt=("a",))[0]
    assert "Classes 'a', 'b' are in training only" in lines(never_asked=("a", "b"))[0]


def test_what_is_not_odd_is_not_told():
    assert lines() == []
    assert wording.block(SimpleNamespace(data=ABOUT, split=SPLIT)) == []


def test_the_block_is_short_however_much_is_odd():
    odd = Oddities(remarks=tuple(f"{n} " + "long " * 200 for n in range(30)))
    about = dataclasses.replace(ABOUT, odd=odd)
    head, *shown = wording.block(SimpleNamespace(data=about, split=SPLIT))
    assert head == "Odd in these clips:"
    assert len(shown) == wording.MOST
    assert shown[-1] == "- and 23 more: in the report, and in data.json"
    assert max(map(len, shown)) < 250


def test_clips_left_out_are_told_by_reason_with_counts():
    faults = [Fault(f"{n}.wav", "is empty") for n in range(5)] + [Fault("x", "is no audio")]
    assert list(wording.left_out(faults)) == [
        "left out as bad: 5 clips, is empty (0.wav, 1.wav, 2.wav, …)",
        "left out as bad: 1 clip, is no audio (x)",
    ]
