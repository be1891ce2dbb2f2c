"""What a service that errs or lies may say: it is kept out, refused in a sentence, or no figure."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import ClassifierError
from plugins.classifiers.nyckel.answers import share, usable_id
from plugins.classifiers.nyckel.functions import list_labels, list_made, make_function
from plugins.classifiers.nyckel.learning import _check_apart
from plugins.classifiers.nyckel.ledger import Ledger
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.scoring import score
from plugins.classifiers.nyckel.tasks import Budget, _kept, ask, make_task, post_sample
from plugins.classifiers.nyckel.training import await_training, read_cross_validation

NAMES = {"noise": "noise", "whale": "whale"}
TASK = make_task("sb-1", "a\x1b[31m\nclip.wav", b"jpeg", "whale")
BAD_IDS = [
    "", "..", ".", "../functions/x", "a/b", "a?b", "a\x1b[2Jb", "a\nb", "a b", "\u202eab",
    "x" * 500, "label_", 7, None, True, ["a"], {"a": 1},
]  # fmt: skip


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "l.jsonl", Meter())


def said(values):
    return 200, {}, json.dumps(values).encode()


@pytest.mark.parametrize("identifier", BAD_IDS)
def test_an_id_that_no_path_can_bear_is_refused(identifier, scripted, service, ledger):
    assert usable_id(identifier) == ""
    server = scripted(said({"id": identifier}))
    with pytest.raises(ClassifierError, match="no usable 'id'") as error:
        post_sample(service(server.url), ledger, "f", TASK)
    assert str(error.value).isprintable()
    assert not [each for each in ledger.entries() if each["what"] == "upload"]
    with pytest.raises(ClassifierError, match="no usable 'id'"):
        make_function(service(server.url), ledger, "title")
    strange = [{"id": identifier, "name": "sightbench x"}]
    client = service(scripted(said(strange)).url)
    assert list_made(client) == []
    assert list_labels(client, "f") == {}


@pytest.mark.parametrize("identifier", ["ab1", "function_ab1", "a-b.c~d", "3f2504e0-4f89-11d3"])
def test_ids_as_services_make_them_are_taken(identifier):
    assert usable_id(identifier) == identifier.removeprefix("function_")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0.25", 0.25), ("0", 0.0), ("1", 1.0), ("NaN", None), ("Infinity", None),
        ("-Infinity", None), ("1e999", None), ("-0.1", None), ("1.0000001", None), ("true", None),
        ("1" + "0" * 400, None), ('"0.5"', None), ("null", None), ("[0.5]", None),
    ],
)  # fmt: skip
def test_a_confidence_that_is_no_share_is_none(written, kept, scripted, service, ledger):
    assert share(json.loads(written)) == kept
    body = f'{{"labelName": "whale", "confidence": {written}}}'.encode()
    ask(service(scripted((200, {}, body)).url), ledger, "f", TASK, list(NAMES), Budget(None))
    (answer,) = [each for each in ledger.entries() if each["what"] == "answer"]
    assert answer["answer"].get("confidence") == kept
    label, row = score(answer["answer"], NAMES)
    assert (label is None) == (kept is None)
    assert np.isnan(row).all() == (kept is None)


def test_a_label_that_was_never_sent_is_kept_clean_and_is_no_prediction(scripted, service, ledger):
    strange = "wal\x1b[31mrus\n" + "x" * 10_000
    others = [{"labelName": f"{strange}{number}", "confidence": 0.1} for number in range(5000)]
    body = {"labelName": strange, "confidence": 0.9, "labelConfidences": others, "more": "y" * 999}
    ask(service(scripted(said(body)).url), ledger, "f", TASK, list(NAMES), Budget(None))
    (answer,) = [each for each in ledger.entries() if each["what"] == "answer"]
    assert answer["answer"]["labelName"].isprintable()
    assert len(json.dumps(answer)) < 1000
    assert score(answer["answer"], NAMES)[0] is None


def test_the_first_word_on_a_label_counts():
    others = [{"labelName": "whale", "confidence": each} for each in (0.8, 0.1)]
    others.append({"labelName": "noise", "confidence": 0.2})
    kept = _kept({"labelName": "whale", "confidence": 0.8, "labelConfidences": others}, NAMES)
    label, row = score(kept, NAMES)
    assert label == "whale"
    np.testing.assert_allclose(row, [0.2, 0.8])


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["whale", "noise"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["labelName", "confidence", "labelConfidences", "id"]), inner, max_size=4
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_answered_gives_shares_that_sum_to_one_or_nothing(body):
    kept = json.loads(json.dumps(_kept(body, NAMES), allow_nan=False))
    label, row = score(kept, NAMES)
    if label is None:
        assert np.isnan(row).all()
    else:
        assert min(row) >= 0
        assert sum(row) == pytest.approx(1.0)
        assert row[list(NAMES).index(label)] == max(row)


def test_predictions_of_samples_that_are_not_ours_are_not_kept(scripted, service, ledger):
    def listed(sample, label="label_a", confidence=0.75):
        return {"id": sample, "prediction": {"labelId": label, "confidence": confidence}}

    page = [listed("sample_1"), listed("sample_2", confidence=True), *map(listed, BAD_IDS)]
    page += [listed(f"other{number}", "label_x") for number in range(500)]
    client = service(scripted(said(page)).url)
    read_cross_validation(client, ledger, "f", {"a": "whale"}, {"1", "2"}, 0.01)
    found = {
        each["sample"]: each["answer"]["confidence"]
        for each in ledger.entries()
        if each["what"] == "cross-validated"
    }
    assert found == {"1": 0.75, "2": None}


def test_one_id_for_two_new_pictures_is_refused():
    def upload(sample, status):
        return {"what": "upload", "sample": sample, "status": status}

    _check_apart([upload("a", 200), upload("b", 200), upload("a", 409), upload("a", 409)])
    with pytest.raises(ClassifierError, match="1 ids to more than one new picture"):
        _check_apart([upload("a", 200), upload("b", 200), upload("a", 200)])


def test_counts_that_cannot_be_are_no_end_of_training(scripted, service, ledger):
    def look(count, predicted, state="Browsing"):
        metrics = {"sampleCount": count, "predictionCount": predicted, "isTraining": False}
        return said(metrics), said({"state": state})

    server = scripted(
        *look(-3, -3), *look(True, True), *look("3", "3"), *look(None, None), *look(3, 10**400),
        *look(3, 3, ["Browsing"]), *look(3, 3), *look(3, 3),
    )  # fmt: skip
    shown = []
    await_training(
        service(server.url), ledger, "f", 3, 60, 0.001, lambda done, *_: shown.append(done)
    )
    assert [each["trained"] for each in ledger.entries() if each["what"] == "look"] == [
        False, False, False, False, False, False, True, True,
    ]  # fmt: skip
    assert all(0 <= done <= 3 for done in shown)


def test_a_clips_hostile_name_reaches_no_message(scripted, service, ledger):
    client = service(scripted((403, {}, b'{"message": "no\\u001b[31m"}')).url)
    for call in (
        lambda: post_sample(client, ledger, "f", TASK),
        lambda: ask(client, ledger, "f", TASK, list(NAMES), Budget(None)),
    ):
        with pytest.raises(ClassifierError, match="the service answered 403") as error:
            call()
        assert str(error.value).isprintable()
