"""The same picture on both sides is counted."""

from __future__ import annotations

from harness.clips.splits import Split
from harness.running.leaks import count_twins


def test_holdout_pictures_that_were_trained_on_are_counted():
    split = Split("made", ("a", "b"), ("c", "d", "e"), (), dict.fromkeys("abcde", ""))
    hashes = {"a": "1", "b": "2", "c": "1", "d": "1", "e": "3"}
    assert count_twins(split, hashes) == 2
    assert count_twins(split, {name: name for name in "abcde"}) == 0
