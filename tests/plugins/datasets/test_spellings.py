"""Labels that a person may have meant as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import Entry
from plugins.datasets.spellings import bare, clean, describe_alike, describe_merged


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("call", "Call"),
        ("right whale", "right  whale"),
        ("right whale", "rightwhale"),
        ("right whale", "right\u00a0whale"),
        ("call", "call\u200b"),
        ("STRASSE", "stra\u00dfe"),
        ("\u212b", "\u00e5"),
    ],
)
def test_alike_labels_are_named_with_their_counts(one: str, other: str) -> None:
    entries = [Entry("a", one), Entry("b", other), Entry("c", other), Entry("d", "noise")]
    (said,) = describe_alike(entries)
    assert f"{one!r} (1)" in said
    assert f"{other!r} (2)" in said
    assert "noise" not in said


def test_alike_groups_are_named_too() -> None:
    entries = [Entry("a", "x", "Site A"), Entry("b", "y", "site a"), Entry("c", "y")]
    (said,) = describe_alike(entries)
    assert said.startswith("Groups that differ only")


def test_different_labels_need_no_word() -> None:
    assert describe_alike([Entry("a", "call"), Entry("b", "calls"), Entry("c", "")]) == []


def test_what_looks_the_same_is_one_label_and_said() -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    assert clean(f" {decomposed}\t") == composed
    (said,) = describe_merged([composed, decomposed, f"{composed} ", "x"])
    assert "in 3 ways" in said
    assert repr(composed) in said
    assert describe_merged(["x", "x", "y"]) == []


@given(st.text(max_size=10))
def test_cleaning_twice_changes_nothing_more_and_keeps_what_is_bare(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert bare(clean(text)) == bare(text)
