"""A path to the dataset that reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Dataset
from harness.errors import DatasetError, PlanError
from harness.registry.catalogue import Catalogue
from harness.registry.guessing import as_flag, guess_dataset
from harness.sources.places import Origin


def knowing(name: str, sure: float) -> type[Dataset]:
    class Known(Dataset):
        path: str = ""

        @classmethod
        def recognises(cls, path: Path) -> float:
            return sure

        def entries(self):
            return []

        def read(self, entry):
            raise NotImplementedError

    Known.name = name
    return Known


def catalogue(**sureness: float) -> Catalogue:
    made = Catalogue()
    for name, sure in sureness.items():
        made.add("dataset", knowing(name, sure), Origin(name, name, "some distribution"))
    return made


def test_the_surest_is_taken(tmp_path: Path) -> None:
    spec = guess_dataset(catalogue(one=0.9, other=0.5, third=0.0), tmp_path)
    assert (spec.name, dict(spec.parameters)) == ("one", {"path": str(tmp_path)})


def test_of_two_that_are_as_sure_a_person_is_asked(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="more than one way") as told:
        guess_dataset(catalogue(one=0.9, other=0.8), tmp_path)
    assert f"-d 'one[path={tmp_path}]' or -d 'other[path={tmp_path}]'" in str(told.value)


def test_what_nobody_knows_is_said_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="Looked for: recordings in one folder a class"):
        guess_dataset(catalogue(one=0.0), tmp_path)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"There is no file or folder 'one' in .* write -d one"):
        guess_dataset(catalogue(one=0.0), Path("one"))


def test_a_dataset_that_fails_at_it_is_named(tmp_path: Path) -> None:
    broken = catalogue(one=0.9)
    (cls,) = broken.classes("dataset")
    cls.recognises = classmethod(lambda cls, path: 1 / 0)  # type: ignore[attr-defined]
    with pytest.raises(DatasetError, match=r"one cannot say whether .* ZeroDivisionError"):
        guess_dataset(broken, tmp_path)


def test_a_flag_can_be_typed() -> None:
    spec = guess_dataset(catalogue(one=0.9), Path("a b"))
    assert as_flag(spec) == "-d \"one[path='a b']\""
