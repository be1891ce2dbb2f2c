"""Stacks as they are written: read, refused, and written down again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import SpecError
from harness.planning.plan import Cell, make_plan
from harness.planning.specs import Chain, Spec
from harness.planning.ways import SIGNAL, Stack, chains_of, is_plain, parse_ways

IMPROVEMENTS = {"quiet", "loud"}.__contains__
VALUES = st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.none()
PARAMETERS = st.dictionaries(st.sampled_from(["a", "n_mels", "path"]), VALUES, max_size=2)
NAMES = st.sampled_from(["a", "mel", "stack", "noise-removed"])
SPECS = st.builds(Spec, NAMES, PARAMETERS.map(lambda d: tuple(d.items())))
CHAINS = st.builds(Chain, SPECS, st.lists(SPECS, max_size=2).map(tuple))
WAYS = CHAINS | st.lists(CHAINS, min_size=2, max_size=3).map(tuple).map(Stack)


def nothing_improves(name):
    return False


@given(WAYS)
def test_a_written_way_reads_back_as_itself(way):
    assert parse_ways(str(way), nothing_improves) == [way]


@given(st.text(alphabet="stack(a,b)+[x=1] 'q", max_size=24))
def test_any_text_is_read_or_refused(text):
    ways, refused = [], ""
    try:
        ways = parse_ways(text, nothing_improves)
    except SpecError as error:
        refused = str(error)
    assert bool(ways) != bool(refused)
    assert all(parse_ways(str(way), nothing_improves) == [way] for way in ways)


def test_a_bare_improvement_in_a_stack_stands_on_the_spectrogram():
    (way,) = parse_ways("stack(mel+loud, quiet[x=1]+loud)", IMPROVEMENTS)
    assert str(way) == "stack(mel+loud, spectrogram+quiet[x=1]+loud)"


def test_spaces_do_not_matter_and_the_written_form_is_one():
    (way,) = parse_ways("  stack (a,b + c ,d[x='1, 2)'] ) ", nothing_improves)
    assert str(way) == "stack(a, b+c, d[x='1, 2)'])"


def test_sweeps_inside_a_stack_multiply_in_the_order_written():
    ways = parse_ways("stack(a[x=1,2], b[y=3,4])", nothing_improves)
    assert [str(way) for way in ways] == [
        "stack(a[x=1], b[y=3])", "stack(a[x=1], b[y=4])",
        "stack(a[x=2], b[y=3])", "stack(a[x=2], b[y=4])",
    ]  # fmt: skip


def test_a_plugin_called_stack_is_no_stack():
    assert parse_ways("stack[x=1]", nothing_improves) == [Chain(Spec("stack", (("x", 1),)))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stack(a)", "1 part: a stack takes 2 or 3"),
        ("stack(a, b, c, d)", "4 parts: a stack takes 2 or 3"),
        ("stack()", "expected a plugin's name"),
        ("stack(a, b", r"expected '\[', '\+', ',' or '\)'"),
        ("stack(a, b)+c", "put improvements on its parts"),
        ("stack(a, stack(b, c))", "cannot hold a stack"),
        ("stack(a, b) c", "expected the end"),
        ("stack(a b)", "expected"),
    ],
)
def test_what_is_no_stack_is_refused_with_the_reason(text, words):
    with pytest.raises(SpecError, match=words):
        parse_ways(text, nothing_improves)


def test_a_cell_of_a_stack_has_a_folder_name_that_any_system_takes():
    (way,) = parse_ways("stack(a, b[path='../../etc/x'], c)", nothing_improves)
    name = Cell(way, Spec("svc")).readable
    assert name == "stack_a__b_path_.._.._etc_x___c___svc"


@pytest.mark.parametrize(
    ("written", "plain"),
    [("mel", True), ("mel+loud", False), ("stack(mel, a)", False), ("signal", False)],
)
def test_only_a_representation_alone_is_plain(written, plain):
    assert is_plain(written) is plain


def test_a_plan_with_stacks_and_signal_classifiers_reads_back():
    from dataclasses import replace

    choices = {
        "dataset": "tones",
        "representations": ["stack(a, loud)", "a"],
        "classifiers": ["svc", "kernels"],
        "splits": 2,
        "train_sizes": [10],
    }
    plan = make_plan(choices, IMPROVEMENTS)
    assert make_plan(plan.written().choices(), IMPROVEMENTS) == plan
    heard = replace(plan, on_signals=frozenset([Spec("kernels")]))
    assert heard.written() == plan.written()
    cells = heard.cells()
    assert [str(cell) for cell in cells if cell.classifier == Spec("kernels")] == [
        "signal × kernels, 10 training clips",
        "signal × kernels",
        "signal × kernels, split 1, 10 training clips",
        "signal × kernels, split 1",
    ]
    assert len(cells) == 2 * 2 * 2 + 4
    assert parse_ways(str(SIGNAL), nothing_improves) == [SIGNAL]


def test_the_parts_of_a_way():
    one, other = Chain(Spec("a")), Chain(Spec("b"))
    assert chains_of(one) == (one,)
    assert chains_of(Stack((one, other))) == (one, other)
