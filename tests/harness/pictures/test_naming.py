from __future__ import annotations

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.pictures.naming import folder_names, picture_name, pixel_hash

TEXTS = st.text(max_size=200)


def safe(name: str) -> bool:
    taken = not set(name) & set('/\\:*?"<>|\0\n')
    return taken and name not in ("", ".", "..") and name == name.strip(" .")


@given(TEXTS)
def test_any_id_gives_a_safe_name(id: str) -> None:
    assert safe(picture_name(id))
    assert len(picture_name(id)) <= 80


@given(st.lists(TEXTS, unique=True, max_size=8))
def test_different_ids_have_different_names_in_any_case(ids: list[str]) -> None:
    names = {picture_name(id).casefold() for id in ids}
    assert len(names) == len(ids)


@given(st.lists(TEXTS, unique=True, max_size=8))
def test_labels_have_folders_of_their_own(labels: list[str]) -> None:
    folders = folder_names(labels)
    assert all(map(safe, folders.values()))
    folded = {unicodedata.normalize("NFKC", each).casefold() for each in folders.values()}
    assert len(folded) == len(labels)


def test_plain_labels_stay_as_they_are() -> None:
    assert folder_names(["up call", "noise", "Käfer"]) == {
        "up call": "up call", "noise": "noise", "Käfer": "Käfer",
    }  # fmt: skip


def test_what_climbs_or_clashes_gets_a_hash() -> None:
    folders = folder_names(["..", "a/b", "Dog", "dog", "con", "x"])
    assert folders["x"] == "x"
    assert all(folders[each] != each for each in ("..", "a/b", "Dog", "dog", "con"))
    assert not any("/" in each or each.startswith(".") for each in folders.values())


def test_pixels_are_told_apart_by_shape_too() -> None:
    flat = np.zeros((2, 8, 3), np.uint8)
    assert pixel_hash(flat) == pixel_hash(flat.copy())
    assert pixel_hash(flat) != pixel_hash(flat.reshape(8, 2, 3))
