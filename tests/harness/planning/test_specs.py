from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import SpecError
from harness.planning.specs import Chain, Spec, parse_chains, parse_specs

NAMES = st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True)
KEYS = st.from_regex(r"[a-z_][a-z0-9_]*(\.[a-z]+)?", fullmatch=True)
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="ab1,='\"[]+\\ .-\nte"),
    st.sampled_from(["true", "None", "1e5", ""]),
)
VALUES = st.one_of(
    TEXTS, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)
SPECS = st.builds(
    Spec, NAMES, st.dictionaries(KEYS, VALUES, max_size=4).map(lambda d: tuple(d.items()))
)


def nothing_improves(name: str) -> bool:
    return False


@given(SPECS)
def test_a_written_spec_reads_back_as_itself(spec: Spec) -> None:
    (back,) = parse_specs(str(spec))
    assert back == spec
    assert hash(back) == hash(spec)
    assert [type(value) for _, value in back.parameters] == [
        type(value) for _, value in spec.parameters
    ]
    assert str(back) == str(spec)


@given(SPECS, st.lists(SPECS, max_size=3))
def test_a_written_chain_reads_back_as_itself(first: Spec, rest: list[Spec]) -> None:
    chain = Chain(first, tuple(rest))
    assert parse_chains(str(chain), nothing_improves) == [chain]


@given(st.text(alphabet="ab=,[]'\"\\+ 1.-e", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    refused = None
    specs: list[Spec] = []
    try:
        specs = parse_specs(text)
    except SpecError as error:
        refused = str(error)
    assert bool(specs) != bool(refused)
    assert refused is None or ">>>" in refused
    assert all(parse_specs(str(spec)) == [spec] for spec in specs)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("64", 64),
        ("-3", -3),
        ("0.5", 0.5),
        ("1e-6", 1e-6),
        (".5", 0.5),
        ("true", True),
        ("False", False),
        ("none", None),
        ("007", "007"),
        ("inf", "inf"),
        ("1e999", "1e999"),
        ("a b/c.zip", "a b/c.zip"),
        ("a=b", "a=b"),
        ("'64'", "64"),
        (r"'it\'s'", "it's"),
        ('"it\'s"', "it's"),
        (r"'a\\b\n'", "a\\b\n"),
        ("''", ""),
    ],
)
def test_values_are_read_in_their_own_type(text: str, value: object) -> None:
    (spec,) = parse_specs(f"x[k={text}]")
    assert spec.parameters == (("k", value),)
    assert type(spec.parameters[0][1]) is type(value)


def test_the_documented_forms() -> None:
    pattern = "labelled-folder[path=recordings.zip,label='{label}_{group}_{index}']"
    assert parse_specs("mel[n_mels=32,64]") == [
        Spec("mel", (("n_mels", 32),)),
        Spec("mel", (("n_mels", 64),)),
    ]
    assert parse_specs(pattern) == [
        Spec("labelled-folder", (("path", "recordings.zip"), ("label", "{label}_{group}_{index}")))
    ]
    assert parse_specs(" mel [ n_mels = 8 , fmin = 1 , 2 ] ") == [
        Spec("mel", (("n_mels", 8), ("fmin", 1))),
        Spec("mel", (("n_mels", 8), ("fmin", 2))),
    ]
    assert parse_specs("mel[]") == [Spec("mel")]


def test_sweeps_multiply_in_the_order_written() -> None:
    chains = parse_chains("a[x=1,2]+b[y=3,4]", nothing_improves)
    assert [str(chain) for chain in chains] == [
        "a[x=1]+b[y=3]", "a[x=1]+b[y=4]", "a[x=2]+b[y=3]", "a[x=2]+b[y=4]",
    ]  # fmt: skip


def test_a_bare_improvement_stands_on_the_spectrogram() -> None:
    (chain,) = parse_chains("quiet[x=1]+loud", {"quiet", "loud"}.__contains__)
    assert chain == Chain(Spec("spectrogram"), (Spec("quiet", (("x", 1),)), Spec("loud")))


def test_parameters_are_canonical_whatever_their_order() -> None:
    assert parse_specs("a[y=2,x=1]") == parse_specs("a[x=1,y=2]")
    assert str(parse_specs("a[y=2,x=1]")[0]) == "a[x=1,y=2]"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a plugin's name"),
        ("mel[", "a parameter's name"),
        ("mel[n_mels]", "expected '='"),
        ("mel[n_mels=]", "is missing"),
        ("mel[n_mels=1,,2]", "is missing"),
        ("mel[n_mels=1", "',' or ']'"),
        ("mel[n_mels=1]x", "the end"),
        ("mel[n=1,n=2]", "stands twice"),
        ("mel[n='a]", "never closed"),
        (r"mel[n='C:\data']", "backslash"),
        ("mel[n=it's]", "needs quotes"),
        ("mel+quiet", "the end"),
        ("9mel", "a plugin's name"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(text: str, why: str) -> None:
    with pytest.raises(SpecError, match="Cannot read") as caught:
        parse_specs(text)
    assert why in str(caught.value)


@pytest.mark.parametrize("text", ["a+", "+a", "a++b", "a,b"])
def test_a_chain_with_a_hole_is_refused(text: str) -> None:
    with pytest.raises(SpecError):
        parse_chains(text, nothing_improves)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("a b", ()), ("a", (("x y", 1),)), ("a", (("x", 1), ("x", 2))), ("a", (("x", float("nan")),))],
)
def test_what_cannot_be_written_cannot_be_made(
    name: str, parameters: tuple[tuple[str, float], ...]
) -> None:
    with pytest.raises(SpecError):
        Spec(name, parameters)


def test_specs_travel_to_other_processes() -> None:
    chain = Chain(Spec("a", (("x", 1.5),)), (Spec("b"),))
    assert pickle.loads(pickle.dumps(chain)) == chain


def test_reading_specs_needs_no_numpy() -> None:
    code = "import harness.planning.specs, sys; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
