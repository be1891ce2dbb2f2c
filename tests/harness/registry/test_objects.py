"""Plugins as objects stand in a plan in words."""

from __future__ import annotations

import pytest

from harness import Improvement, Raster
from harness.errors import PlanError, PluginError
from harness.planning.specs import parse_specs
from harness.registry.discovery import Plugins, load
from harness.registry.objects import written
from plugins.representations.mel import Mel

WAYS = ("representation", "improvement")


class Softer(Improvement):
    """Divides."""

    name = "softer"
    by: float = 2.0

    def improve(self, raster: Raster) -> Raster:
        return raster


@pytest.fixture
def fresh() -> Plugins:
    return load()


def test_an_object_is_its_name_and_parameters(fresh: Plugins) -> None:
    text = written(fresh.catalogue, Softer(by=3.0), WAYS)
    assert text == "softer[by=3.0]"
    assert fresh.catalogue.build("improvement", parse_specs(text)[0]) == Softer(by=3.0)


def test_chains_classes_and_words_mix(fresh: Plugins) -> None:
    assert written(fresh.catalogue, [Mel(n_mels=32), "noise-removed", Softer], WAYS) == (
        "mel[n_mels=32]+noise-removed+softer"
    )


def test_what_is_no_plugin_of_the_kind_is_refused(fresh: Plugins) -> None:
    for odd in (3, None, object(), Mel()):
        with pytest.raises(PlanError, match="is no classifier"):
            written(fresh.catalogue, odd, ("classifier",))


def test_a_class_is_asked_what_all_are_asked(fresh: Plugins) -> None:
    class Nameless(Improvement):
        def improve(self, raster: Raster) -> Raster:
            return raster

    with pytest.raises(PluginError, match=r"Nameless .* whose name is None"):
        written(fresh.catalogue, Nameless(), WAYS)


def test_a_name_that_is_taken_is_refused(fresh: Plugins) -> None:
    class Other(Softer):
        name = "mel"

    with pytest.raises(PluginError, match="Two plugins are called 'mel'"):
        written(fresh.catalogue, Other(), WAYS)
