"""Levels of folders: classes, sides, folds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.datasets.folder_levels import find_levels

SIDES = {"train": "train", "Validation": "train", "testing": "holdout"}


def folders(*paths: str) -> list[tuple[str, ...]]:
    return [tuple(path.split("/")) if path else () for path in paths]


@pytest.mark.parametrize(
    ("paths", "label", "parts"),
    [
        (["call", "noise"], 0, ()),
        (["train/call", "train/noise", "test/call"], 1, (0,)),
        (["call/train", "call/test", "noise/train"], 0, (1,)),
        (["d/x/train/call", "d/x/test/noise"], 3, (2,)),
        (["train/audio/call", "test/audio/noise"], 2, (0,)),
        (["fold1/train/call", "fold2/test/noise"], 2, (0, 1)),
        (["data/call", "data/noise", ""], 1, ()),
        (["call", "call/2019"], 0, ()),
        (["data", "data/call", "data/noise"], 1, ()),
        (["test", "call"], 0, ()),
        (["train/call", "train/noise"], 1, ()),
        (["train", "test"], None, (0,)),
        (["call/train", "call/misc", "noise/test"], 0, ()),
        (["", ""], None, ()),
        ([], None, ()),
    ],
)
def test_levels_are_found(paths: list[str], label: int | None, parts: tuple[int, ...]) -> None:
    levels = find_levels(folders(*paths), labelled=False)
    assert (levels.label, levels.parts) == (label, parts)


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (["train/call", "test/noise"], "'train': train; 'test': held out"),
        (["test", "call"], "'test' is taken for a class, not a side, since 'call' beside it"),
        (["train/call", "train/noise"], "All recordings lie in the folder 'train'"),
        (["call/train", "call/test", "noise/misc"], "below the classes are not taken for sides"),
    ],
)
def test_what_was_understood_is_said(paths: list[str], words: str) -> None:
    (said,) = find_levels(folders(*paths), labelled=False).remarks
    assert words in said


def test_plain_classes_need_no_word() -> None:
    assert find_levels(folders("call", "noise"), labelled=False).remarks == ()


def test_a_clip_in_folders_of_both_sides_is_refused() -> None:
    levels = find_levels(folders("train/call/test", "test/call/train"), labelled=False)
    assert levels.side(("train", "call", "test")) == (
        None, "lies in folders of both sides, training and holdout",
    )  # fmt: skip


def test_a_side_inside_a_fold_is_the_side() -> None:
    levels = find_levels(folders("fold1/train/a", "fold1/test/b", "fold2/train/b"), labelled=False)
    assert levels.side(("fold1", "test", "b")) == ("holdout", None)
    assert levels.fold(("fold1", "test", "b")) == "1"


names = st.text("abcxyz -1", min_size=1, max_size=6).filter(lambda name: name.strip(" -"))


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[tuple[str, ...]], list[tuple[str, str, str]]]:
    """Draw classes, each with clips on both sides, and where the words stand."""
    classes = draw(st.lists(names, min_size=2, max_size=4, unique=True))
    sides = draw(st.lists(st.sampled_from(sorted(SIDES)), min_size=1, max_size=3, unique=True))
    sides = sorted({*sides, "train", "testing"})
    prefix = tuple(draw(st.lists(names, max_size=2)))
    above = draw(st.booleans())
    between = tuple(draw(st.lists(names, max_size=1)))
    paths, truth = [], []
    for label in classes:
        for side in sides:
            inner = (side, label) if above else (label, side)
            paths.append((*prefix, *inner, *between))
            truth.append(("/".join(paths[-1]), label, SIDES[side]))
    return draw(st.permutations(paths)), truth


@given(trees())
def test_classes_and_sides_are_read_wherever_the_words_stand(
    tree: tuple[Sequence[tuple[str, ...]], list[tuple[str, str, str]]],
) -> None:
    paths, truth = tree
    levels = find_levels(paths, labelled=False)
    assert levels.label is not None
    read = {"/".join(each): (each[levels.label], *levels.side(each)) for each in paths}
    assert read == {path: (label, side, None) for path, label, side in truth}


@given(st.lists(st.lists(st.sampled_from(["train", "test", "fold1", "a", "b"]), max_size=4)))
def test_any_folders_have_levels_and_no_part_gives_classes(paths: list[list[str]]) -> None:
    levels = find_levels([tuple(each) for each in paths], labelled=False)
    assert levels.label not in levels.parts
    for each in paths:
        side, fault = levels.side(tuple(each))
        assert fault is None or side is None
