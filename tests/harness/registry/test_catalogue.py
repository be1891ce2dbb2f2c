from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contracts import PLUGIN_KINDS
from harness.errors import ParameterError, Unavailable, UnknownName
from harness.planning.parameters import spec_of
from harness.planning.specs import Spec, parse_specs
from harness.registry.catalogue import Catalogue
from harness.registry.discovery import load
from harness.sources.kinds import KINDS

Install = Callable[..., Path]

OTHERS = '''
from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar
from harness import Classifier, Dataset, hookimpl, parameter

@dataclass(frozen=True, kw_only=True)
class Folder(Dataset):
    """Reads a folder."""

    name: ClassVar[str] = "folder"
    path: str = parameter(help="the folder")

    def entries(self):
        return []

    def read(self, entry):
        raise KeyError(entry)

@dataclass(frozen=True, kw_only=True)
class Anything(Classifier):
    """Passes parameters on."""

    name: ClassVar[str] = "anything"
    open_parameters: ClassVar[bool] = True
    size: int = parameter(3, "of it")
    options: tuple[tuple[str, object], ...] = parameter((), "passed on")

    def fit(self, features, labels, rng):
        return self

@dataclass(frozen=True, kw_only=True)
class Needy(Classifier):
    """Needs a package."""

    name: ClassVar[str] = "needy"
    requires: ClassVar[tuple[str, ...]] = ("no_such_package",)

    def fit(self, features, labels, rng):
        return self

@hookimpl
def harness_datasets():
    return [Folder]

@hookimpl
def harness_classifiers():
    return [Anything, Needy]
'''


@pytest.fixture
def catalogue(install: Install, louder: str) -> Catalogue:
    install(louder, name="loud")
    install(OTHERS, name="others")
    return load().catalogue


def refused(catalogue: Catalogue, kind: str, text: str) -> str:
    with pytest.raises((UnknownName, ParameterError)) as caught:
        catalogue.build(kind, parse_specs(text)[0])
    return str(caught.value)


def test_a_name_is_looked_up_by_kind(catalogue: Catalogue) -> None:
    assert catalogue.names("classifier") == ["anything", "needy"]
    assert catalogue.is_improvement("louder")
    assert not catalogue.is_improvement("anything")
    assert catalogue.find("improvement", "louder").name == "louder"


def test_a_misspelt_name_gets_the_nearest_and_the_valid_ones(catalogue: Catalogue) -> None:
    message = refused(catalogue, "classifier", "anythin")
    assert "did you mean 'anything'?" in message
    assert "The classifiers are: anything, needy." in message
    assert "did you mean" not in refused(catalogue, "classifier", "zzz")


def test_a_name_of_another_kind_says_so(catalogue: Catalogue) -> None:
    message = refused(catalogue, "representation", "louder")
    assert "'louder' is an improvement, not a representation." in message
    assert "There are no representations." in message


def test_a_misspelt_parameter_gets_the_nearest_and_the_valid_ones(catalogue: Catalogue) -> None:
    message = refused(catalogue, "improvement", "louder[gian=3]")
    assert "no parameter 'gian'; did you mean 'gain'?" in message
    assert "gain=2.0 dB" in message
    assert "mode=all" in message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("louder[gain=loud]", "not float"),
        ("louder[gain=true]", "not float"),
        ("louder[gain=-1]", "below the least that it takes, 0 dB"),
        ("louder[mode=none]", "mode=None is not str"),
        ("louder[mode=most]", "none of all, some"),
        ("louder[mode=1.50]", "put it in quotes"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(catalogue: Catalogue, text: str, why: str) -> None:
    assert why in refused(catalogue, "improvement", text)


def test_a_required_parameter_is_asked_for(catalogue: Catalogue) -> None:
    message = refused(catalogue, "dataset", "folder")
    assert "folder needs path= (the folder): write folder[path=...]." in message


def test_text_keeps_its_digits(catalogue: Catalogue) -> None:
    for written in ("7", "007", "'1.50'"):
        plugin = catalogue.build("dataset", parse_specs(f"folder[path={written}]")[0])
        assert vars(plugin)["path"] == written.strip("'")
    assert "put it in quotes" in refused(catalogue, "dataset", "folder[path=1.50]")
    assert "put it in quotes" in refused(catalogue, "dataset", "folder[path=true]")


def test_open_parameters_are_collected(catalogue: Catalogue) -> None:
    (spec,) = parse_specs("anything[size=4,depth=2,criterion=gini]")
    plugin = catalogue.build("classifier", spec)
    assert vars(plugin) == {"size": 4, "options": (("criterion", "gini"), ("depth", 2))}
    assert spec_of(plugin) == spec


@pytest.mark.parametrize("text", ["louder", "louder[gain=3.5]", "louder[gain=1.0,mode=some]"])
def test_a_plugin_is_written_as_it_was_read(catalogue: Catalogue, text: str) -> None:
    assert str(spec_of(catalogue.build("improvement", parse_specs(text)[0]))) == text


def test_what_cannot_be_used_is_listed_with_the_reason(catalogue: Catalogue) -> None:
    with pytest.raises(Unavailable, match="classifier needy needs no_such_package, not installed"):
        catalogue.build("classifier", Spec("needy"))
    assert catalogue.build("classifier", Spec("needy"), available=False).name == "needy"
    reasons = {each.name: each.unavailable for each in catalogue.listed("classifier")}
    assert reasons["anything"] is None
    assert "pip install" in (reasons["needy"] or "")


def test_a_listing_has_all_that_a_person_needs(catalogue: Catalogue) -> None:
    (louder,) = catalogue.listed("improvement")
    assert (louder.kind, louder.name, louder.version) == ("improvement", "louder", "1")
    assert louder.summary == "Multiplies by a gain."
    assert louder.origin.short == "loud 1.0"
    gain, mode = louder.parameters
    assert (gain.name, gain.default, gain.unit, gain.help) == ("gain", 2.0, "dB", "how much")
    assert mode.choices == ("all", "some")
    (folder,) = catalogue.listed("dataset")
    assert str(folder.parameters[0]) == "path=(required)"


def test_the_kinds_of_plugins_stand_once():
    assert tuple(PLUGIN_KINDS) == KINDS
