"""Words that name the sides and folds of a split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.datasets.side_words import describe_parts, fold_of, name_parts, role_of, sides_of


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("train", ["train", "TRAIN", "Training", "trains", "train_set", "Training data"]),
        ("validation", ["val", "Valid", "validation", "dev", "Development set", "vals"]),
        ("test", ["test", "Tests", "testing", "holdout", "hold-out", "Held out", "eval"]),
        ("fold 1", ["fold1", "fold_1", "fold 1", "Fold-01", "FOLD1"]),
        ("fold 10", ["fold10", "fold_10"]),
        (None, ["call", "trainer", "tester", "fold", "folder1", "contest", "", "1", "strain"]),
    ],
)
def test_words_are_understood(role: str | None, words: list[str]) -> None:
    assert {role_of(word) for word in words} == {role}


def test_folds_have_their_number() -> None:
    assert [fold_of(role_of(word)) for word in ("fold_07", "train", "call")] == ["7", None, None]


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        (["train", "test"], True),
        (["fold1", "fold2"], True),
        (["fold1", "fold2", "test"], True),
        (["train"], False),
        (["Train", "training"], False),
        (["fold1", "fold_01"], False),
        (["train", "test", "call"], False),
        (["test", "call"], False),
        ([], False),
    ],
)
def test_only_words_that_all_name_parts_do(words: list[str], whole: bool) -> None:
    assert name_parts(words) is whole


def test_validation_is_held_out_only_where_no_test_part_is() -> None:
    assert sides_of({"train", "validation", "test"}) == {
        "train": "train", "validation": "train", "test": "holdout",
    }  # fmt: skip
    assert sides_of({"train", "validation"}) == {"train": "train", "validation": "holdout"}
    assert sides_of({"fold 1", "fold 2", "test"})["fold 2"] == "train"


@pytest.mark.parametrize("roles", [{"train"}, {"test"}, {"fold 1", "fold 2"}, set()])
def test_one_side_alone_is_none(roles: set[str]) -> None:
    assert sides_of(roles) == {}


def test_what_was_understood_is_told_of_each_word() -> None:
    said = describe_parts(["fold1", "fold2", "fold3", "fold4", "fold5", "Test"], "Seen")
    assert said == "Seen ('Test': held out; 'fold1', 'fold2', …, 'fold5': official folds)."
    assert describe_parts(["train", "val"], "Seen") == "Seen ('train': train; 'val': held out)."


@given(st.text(max_size=12))
def test_any_text_has_a_role_or_none_whatever_its_case_and_spaces(word: str) -> None:
    assert role_of(word) == role_of(f" {word.strip()} ")
