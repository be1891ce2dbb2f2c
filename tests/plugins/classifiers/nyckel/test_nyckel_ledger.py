"""The ledger bears being cut off anywhere; the score rows are what the answers say."""

from __future__ import annotations

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import ClassifierError
from plugins.classifiers.nyckel.costs import tally
from plugins.classifiers.nyckel.ledger import Ledger, unanswered
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.scoring import score, table

LINES = [{"what": "upload", "external": f"sb-{n}", "sample": str(n)} for n in range(5)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("ledger") / "whole.jsonl"
    Ledger(path, Meter()).append(*LINES)
    return path


@given(data=st.data())
def test_cut_off_anywhere(data, whole):
    content = whole.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    path = whole.with_name("cut.jsonl")
    path.write_bytes(content[:cut])
    complete = content[:cut].count(b"\n")
    assert len(list(Ledger(path, Meter()).entries())) == complete
    ledger = Ledger(path, Meter())
    ledger.append({"what": "answer", "external": "new"})
    kept = list(ledger.entries())
    assert [each.get("sample") for each in kept] == [str(n) for n in range(complete)] + [None]


def test_a_damaged_line_is_named(tmp_path):
    path = tmp_path / "nyckel.jsonl"
    path.write_text('{"what": "look"}\n{"what": \n{"what": "look"}\n')
    with pytest.raises(ClassifierError, match="line 2 of the ledger"):
        list(Ledger(path, Meter()).entries())


@given(data=st.data())
def test_a_changed_byte_is_noticed(data, whole):
    content = bytearray(whole.read_bytes())
    place = data.draw(st.integers(0, len(content) - 2))
    content[place] ^= data.draw(st.sampled_from([1, 2, 4, 16, 32, 64]))
    path = whole.with_name("changed.jsonl")
    path.write_bytes(bytes(content))
    told = list(Ledger(whole, Meter()).entries())
    found = []
    with suppress(ClassifierError):
        found = list(Ledger(path, Meter()).entries())
    # Nothing but what was written is ever read, a spoilt mark of a digest aside.
    assert all(each in told or "check" not in each for each in found)


@pytest.mark.parametrize(
    "line",
    [b"\0" * 40, b"[]", b"{}", b'{"what": 3}', b'{"what": "upload"}', b"[" * 100_000, b"\xff",
     b'{"what": "answer", "external": 7}', b'{"what": "function", "function": null}'],
)  # fmt: skip
def test_a_line_that_says_nothing_is_named(line, tmp_path):
    path = tmp_path / "nyckel.jsonl"
    path.write_bytes(b'{"what": "look"}\n' + line + b"\n")
    with pytest.raises(ClassifierError, match="line 2 of the ledger"):
        list(Ledger(path, Meter()).entries())


def test_looking_makes_no_file(tmp_path):
    ledger = Ledger(tmp_path / "none" / "nyckel.jsonl", Meter())
    assert ledger.last("function") is None
    assert not list(tmp_path.iterdir())


def test_questions_without_an_answer():
    asked = [{"what": what, "external": "a"} for what in ("asked", "unheard", "asked", "answer")]
    answered = frozenset({"answer", "unheard"})
    assert unanswered(asked, "asked", answered) == {}
    assert unanswered(asked[:3], "asked", answered) == {"a": 1}
    # Killed twice while asking about the same clip.
    assert unanswered([asked[0]] * 2, "asked", answered) == {"a": 2}
    assert unanswered([asked[0], asked[0], asked[3]], "asked", answered) == {"a": 1}


def test_costs_add_up_over_starts():
    def line(run, what, totals, **more):
        return {"what": what, "run": run, "totals": totals, **more}

    lines = [
        line("one", "fit-ended", {"calls": 3, "network_s": 1.0}),
        line("one", "fit-ended", {"calls": 5, "network_s": 2.5, "retries": 1}),
        line(
            "two",
            "answer",
            {"calls": 2, "network_s": 0.5},
            external="a",
            latency_s=0.2,
        ),
        line("two", "asked", {"calls": 2, "network_s": 0.5}, external="b"),
    ]
    costs = tally(lines)
    assert (costs.calls, costs.paid_calls, costs.retries, costs.network_s) == (7, 1, 1, 3.0)
    assert costs.details["perhaps_paid"] == 1
    assert costs.details["predict_median_s"] == 0.2


def test_waiting_of_many_at_once_counts_once():
    now = [0.0]
    meter = Meter(lambda: now[0])
    with meter.waiting():
        now[0] = 1.0
        with meter.waiting():
            now[0] = 2.0
        now[0] = 3.0
    now[0] = 9.0
    assert meter.totals() == {"network_s": 3.0}


NAMES = {"noise": "noise", "ship": " ship", "whale": "whale"}


def confidences(**values):
    top = max(values, key=lambda name: values[name])
    each = [{"labelName": name, "confidence": value} for name, value in values.items()]
    return {"labelName": top, "confidence": values[top], "labelConfidences": each}


def test_all_confidences_are_scaled_to_one():
    label, row = score(confidences(whale=0.4, noise=0.2, ship=0.2), NAMES)
    assert label == "whale"
    np.testing.assert_allclose(row, [0.25, 0.25, 0.5])


def test_names_on_the_service_stand_for_classes():
    label, _ = score(confidences(whale=0.1, noise=0.2, ship=0.7), NAMES)
    assert label == " ship"


@given(st.integers(1, 6), st.floats(0, 1))
def test_one_confidence_is_spread_over_the_others(classes, confidence):
    names = {f"c{n}": f"c{n}" for n in range(classes)}
    label, row = score({"labelName": "c0", "confidence": confidence}, names)
    assert label == "c0"
    assert sum(row) == pytest.approx(1.0)
    assert row[0] == max(row)
    if classes == 2 and confidence >= 0.5:
        np.testing.assert_allclose(row, [confidence, 1 - confidence], atol=1e-12)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"labelName": "walrus", "confidence": 0.9},
        {"labelName": "whale"},
        {**confidences(whale=0.1, noise=0.8, ship=0.1), "labelName": "whale"},
        confidences(whale=0.0, noise=0.0, ship=0.0),
    ],
)
def test_a_useless_answer_is_a_failed_prediction(answer):
    label, row = score(answer, NAMES)
    assert label is None
    assert np.isnan(row).all()


def test_the_table_keeps_the_order_asked():
    made = table(("b", "a"), [None, confidences(whale=0.8, noise=0.1, ship=0.1)], NAMES)
    assert (made.ids, made.labels) == (("b", "a"), (None, "whale"))
    assert made.classes == ("noise", " ship", "whale")
    assert json.dumps(made.labels) == '[null, "whale"]'
