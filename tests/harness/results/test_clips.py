"""What a run says of its clips: round trips, and documents from before it said what is odd."""

from __future__ import annotations

import dataclasses
import json

import pytest

from harness.clips.oddities import ClassFacts, Oddities, Oddity, Shared
from harness.clips.splits import Split
from harness.clips.telltales import Telltale
from harness.errors import StoreError
from harness.files.documents import read_document, write_document
from harness.results.clips import ClipsAbout, SplitAbout
from harness.values import Fault

ABOUT = ClipsAbout(
    *("d", "says", "digest", False, 4, {"a": 2, "b": 2}, 0, (8000.0,), 1.0, 2.0),
    (Fault("x.wav", "is empty"),),
    Oddities(
        by_class=(ClassFacts("a", 2, ((8e3, 2),), ((1, 2),), (("wav", 2),), 1.0, 1.5, 2.0, None),),
        resampled=1,
        silent=(Oddity("silent", ("x", "y")),),
        shared=(Shared(("x", "y"), ("a", "b")),),
        copies=1,
        alike=(("call", "Call"),),
        telltales=(Telltale("length", 1.0, 0.5),),
        remarks=("3 files were left out",),
    ),
)


def test_what_is_odd_is_read_back_as_it_was_written(tmp_path):
    write_document(tmp_path / "data.json", ABOUT)
    assert read_document(ClipsAbout, tmp_path / "data.json") == ABOUT


def test_a_document_from_before_it_said_what_is_odd_is_read(tmp_path):
    path = tmp_path / "data.json"
    write_document(path, ABOUT)
    values = json.loads(path.read_text())
    del values["odd"]
    path.write_text(json.dumps(values))
    assert read_document(ClipsAbout, path) == dataclasses.replace(ABOUT, odd=Oddities())


@pytest.mark.parametrize("odd", [{"silent": [3]}, {"copies": "many"}, []])
def test_damaged_oddities_are_refused(tmp_path, odd):
    path = tmp_path / "data.json"
    write_document(path, ABOUT)
    path.write_text(json.dumps({**json.loads(path.read_text()), "odd": odd}))
    with pytest.raises(StoreError, match="odd"):
        read_document(ClipsAbout, path)


def split(train, holdout, remarks=()):
    contents = {id: id for id in (*train, *holdout)}
    return Split("given", tuple(train), tuple(holdout), (), contents, remarks=remarks)


def test_classes_on_one_side_are_found():
    labels = {"1": "a", "2": "b", "3": "c", "4": "a", "5": "d"}
    found = SplitAbout.of([split("123", "45", ("told",))], labels)
    assert found.never_learnt == ("d",)
    assert found.never_asked == ("b", "c")
    assert found.remarks == ("told",)


def test_a_class_that_another_split_asks_for_is_asked_for():
    labels = {"1": "a", "2": "b", "3": "a", "4": "b"}
    found = SplitAbout.of([split("124", "3"), split("123", "4")], labels)
    assert found.never_learnt == found.never_asked == ()
