"""What may be varied, and what is proposed: inside the space, the same for the same seed."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import PlanError
from harness.planning.specs import Chain, Spec, parse_chains
from harness.planning.ways import Stack, chains_of, parse_ways
from harness.registry.discovery import Plugins, load
from harness.searching.proposals import MOST_IMPROVEMENTS, Proposer
from harness.searching.space import Dial, Space, space_of

START = parse_chains("mel+frequency-cropped", lambda name: False)[0]
OTHER = parse_chains("spectrogram[scale=db]", lambda name: False)[0]


@pytest.fixture(scope="module")
def space() -> Space:
    return space_of(load([]).catalogue)


def test_what_needs_a_file_or_is_a_finished_picture_is_not_varied(planted: Plugins) -> None:
    whole = space_of(planted.catalogue)
    assert {"strip", "bare", "mel"} <= whole.representations.keys()
    assert not {"needy", "finished", "blog-plot"} & whole.representations.keys()
    assert {"turned", "pcen"} <= whole.improvements.keys()


def test_dials_are_what_authors_name_else_choices_and_both_of_true_and_false(
    planted: Plugins,
) -> None:
    dials = space_of(planted.catalogue).representations
    assert dials["strip"] == (
        Dial("hz", (100.0, 200.0, 300.0, 400.0), 100.0, True),
        Dial("fault", (False, True), False, False),
    )
    assert dials["bare"] == (Dial("method", ("one", "two"), "one", False),)


def test_among_names_what_is_varied(planted: Plugins) -> None:
    space = space_of(planted.catalogue, ["strip", "turned"], stacks=False)
    assert (list(space.representations), list(space.improvements)) == (["strip"], ["turned"])
    assert not space.stacks


def test_a_name_that_is_none_is_refused_with_the_nearest(planted: Plugins) -> None:
    with pytest.raises(PlanError, match="did you mean 'strip'"):
        space_of(planted.catalogue, ["strips"])


@pytest.mark.parametrize("kind", ["representation", "improvement"])
def test_every_value_to_try_is_one_that_the_built_in_takes(space: Space, kind: str) -> None:
    catalogue = load([]).catalogue
    plugins = space.representations if kind == "representation" else space.improvements
    edges = {"frequency-cropped", "ridges", "contrast-enhanced"}  # one value limits another
    for name, dials in plugins.items():
        for dial in dials:
            values = [v for v in dial.values if name not in edges or v == dial.default]
            for value in values or dial.values:
                catalogue.build(kind, Spec(name, ((dial.name, value),)))


def proposed(space: Space, seed: int, number: int, count: int = 40) -> list[str]:
    stream = Proposer(space, seed).propose(number, [START, OTHER])
    return [str(way) for way in islice(stream, count)]


def test_the_same_seed_proposes_the_same(space: Space) -> None:
    assert proposed(space, 1, 2) == proposed(space, 1, 2)
    assert proposed(space, 1, 2) != proposed(space, 2, 2)
    assert proposed(space, 1, 2) != proposed(space, 1, 3)


@given(st.integers(0, 2**32), st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_proposals_are_of_the_space_and_read_back_as_they_are_written(
    seed: int, number: int
) -> None:
    space = Space(
        {"mel": (Dial("n_mels", (32, 64), 64, True),), "waveform": ()},
        {"pcen": (Dial("gain", (0.8, 0.98), 0.98, True),), "ridges": (), "turned": (), "cut": ()},
    )
    for way in islice(Proposer(space, seed).propose(number, [Chain(Spec("mel"))]), 30):
        assert parse_ways(str(way), lambda name: False) == [way]
        for chain in chains_of(way):
            assert chain.representation.name in space.representations
            assert {spec.name for spec in chain.improvements} <= space.improvements.keys()
            assert len(chain.improvements) <= MOST_IMPROVEMENTS
            for spec in (chain.representation, *chain.improvements):
                dials = {dial.name: dial for dial in space.dials(spec.name)}
                for name, value in spec.parameters:
                    assert value in dials[name].values
                    assert value != dials[name].default


def test_stacks_come_after_the_first_round_and_only_if_wanted(space: Space) -> None:
    def stacks(space: Space, number: int) -> int:
        stream = islice(Proposer(space, 0).propose(number, [START, OTHER]), 60)
        return sum(isinstance(way, Stack) for way in stream)

    assert stacks(space, 0) == 0
    assert stacks(space, 1) > 5
    assert stacks(Space(space.representations, space.improvements, stacks=False), 1) == 0


def test_what_was_beaten_is_not_proposed_again(space: Space) -> None:
    stream = Proposer(space, 0).propose(1, [START], {"waveform", "gramian"})
    names = {chain.representation.name for way in islice(stream, 200) for chain in chains_of(way)}
    assert "scalogram" in names
    assert not {"waveform", "gramian"} & names


def test_an_ordered_dial_is_turned_mostly_by_a_step() -> None:
    values = tuple(range(11))
    space = Space({"mel": (Dial("n", values, 5, True),)}, {})
    stream = islice(Proposer(space, 0).propose(1, [Chain(Spec("mel"))]), 400)
    turned = [
        dict(way.representation.parameters).get("n", 5) for way in stream if isinstance(way, Chain)
    ]
    one_step = sum(value in (4, 6) for value in turned)
    assert one_step > len(turned) / 3
    assert set(turned) - {4, 5, 6}
