"""Ensembles are kept: they score as in the benchmark, and each member is held to what it was."""

from __future__ import annotations

import dataclasses
import json
import zipfile

import numpy as np
import pytest

from harness.analysis.ensembles import with_ensembles
from harness.analysis.judging import judge
from harness.analysis.summary import summarise
from harness.analysis.thresholds import Promise
from harness.applying import bundle as module
from harness.applying.bundle import read_bundle, write_bundle
from harness.applying.keeping import keep
from harness.applying.probes import self_test
from harness.applying.restoring import restore
from harness.applying.wishes import Wish
from harness.cli.keep import _wish
from harness.errors import PlanError, StoreError
from harness.pictures.drawing import Drawing
from harness.planning.plan import make_plan
from harness.reporting.exports.detector import to_json
from harness.statistics.events import Joining
from tests.harness.applying.conftest import session_at

MEL, CROPPED = "mel/pca-svm", "spectrogram+frequency-cropped/pca-svm"
CONTROL = "mel/majority"
UNEVEN = f"average({MEL}, {CROPPED}, {CONTROL}, {MEL})"


@pytest.fixture(scope="module")
def keep_named(root, plugins, made_run):
    """Give a function that keeps an average, or what is chosen."""

    def kept(name: str, **wishes):
        named = [] if name == "ensemble" else [name]
        run = with_ensembles(made_run, chosen=not named, named=named)
        row = next(
            row for row in summarise(run).rows if row.representation == run.ensembles[0].name
        )
        with session_at(root) as session:
            return keep(Wish(run, row, "named", **wishes), plugins, session)

    return kept


@pytest.fixture(scope="module")
def uneven(keep_named):
    return keep_named(UNEVEN)


@pytest.fixture
def path(uneven, tmp_path):
    write_bundle(tmp_path / "whale.sight", uneven)
    return tmp_path / "whale.sight"


def held_out(made_run, plugins, run):
    """Read the held-out clips, with what an ensemble said of them in the benchmark."""
    (average,) = run.ensembles[0].averages
    said = average.table.side("holdout").predictions
    choices = made_run.plan().choices()
    spec = make_plan(choices, plugins.catalogue.is_improvement).dataset
    dataset = plugins.catalogue.build("dataset", spec)
    entries = {entry.id: entry for entry in dataset.entries()}
    return [dataset.read(entries[id]) for id in said.ids], said.scores


@pytest.mark.parametrize("name", [UNEVEN, "ensemble"])
@pytest.mark.parametrize("together", [1, 7, 64])
def test_scores_are_those_of_the_benchmarks_ensemble_bit_for_bit(
    keep_named, made_run, plugins, name, together
):
    named = [] if name == "ensemble" else [name]
    run = with_ensembles(made_run, chosen=not named, named=named)
    clips, expected = held_out(made_run, plugins, run)
    kept = keep_named(name, training_side=True)
    scorer = restore(kept.detector, plugins.catalogue).scorer(kept)
    parts = [clips[at : at + together] for at in range(0, len(clips), together)]
    np.testing.assert_array_equal(np.concatenate([*map(scorer.scores, parts)]), expected)


def test_members_have_the_weights_of_the_row(uneven, keep_named, made_run):
    counts = {each.title: each.times for each in uneven.detector.members}
    assert counts == {
        "mel × pca-svm": 2,
        "mel × majority": 1,
        "spectrogram+frequency-cropped × pca-svm": 1,
    }
    chosen = keep_named("ensemble").detector
    row = with_ensembles(made_run, chosen=True).ensembles[0].members()
    weights = {f"{each.representation} × {each.classifier}": each.weight for each in row}
    whole = sum(chosen.times)
    assert {each.title: each.times / whole for each in chosen.members} == pytest.approx(weights)


def test_the_order_of_members_does_not_matter(uneven, keep_named):
    other = keep_named(f"average({CONTROL}, {MEL}, {MEL}, {CROPPED})")
    assert other.parts == uneven.parts
    twice = keep_named(f"average({MEL}, {CROPPED}, {MEL}, {CROPPED})")
    assert twice.detector.times == (1, 1)


def test_what_is_read_is_what_was_written(path, uneven, tmp_path):
    found = read_bundle(path)
    assert found.detector == uneven.detector
    assert found.probes == uneven.probes
    assert found.digest == uneven.digest
    write_bundle(tmp_path / "again.sight", found)
    assert (tmp_path / "again.sight").read_bytes() == path.read_bytes()


def test_the_card_names_members_and_weights(uneven):
    told = to_json(uneven)
    rows = [tuple(row) for row in told["card"]["Detector"]]
    assert ("member", "mel × pca-svm, weight 0.50") in rows
    assert sum(name == "member" for name, _ in rows) == 3
    assert [each["times"] for each in told["members"]] == [1, 2, 1]
    json.dumps(told)


def test_each_way_is_drawn_once(uneven, plugins, monkeypatch):
    drawn = []
    raster = Drawing.raster

    def counted(self, signals):
        drawn.append(self)
        return raster(self, signals)

    monkeypatch.setattr(Drawing, "raster", counted)
    scorer = restore(uneven.detector, plugins.catalogue).scorer(uneven)
    assert self_test(scorer, uneven.probes, uneven.samples) == ""
    assert len(drawn) == 2 * len(uneven.samples)


def test_the_self_test_covers_each_member_and_what_they_say_together(uneven, plugins):
    scorer = restore(uneven.detector, plugins.catalogue).scorer(uneven)
    first, *rest = uneven.probes.probes
    for number in range(3):
        seen = list(first.seen)
        seen[number] = "0" * len(seen[number])
        probes = module.Probes((dataclasses.replace(first, seen=tuple(seen)), *rest))
        assert "draws" in self_test(scorer, probes, uneven.samples)
    lighter = dataclasses.replace(scorer, times=(1, 3, 1))
    assert "probabilities differ" in self_test(lighter, uneven.probes, uneven.samples)


def rewritten(path, change) -> None:
    """Write a bundle anew with a manifest that fits, as a stranger would."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    del parts[module.MANIFEST]
    change(parts)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {module.MANIFEST: module._manifest(parts), **parts}.items():
            archive.writestr(zipfile.ZipInfo(name), data)


def in_json(part, change):
    def changed(parts):
        values = json.loads(parts[part])
        change(values)
        parts[part] = json.dumps(values).encode()

    return changed


def extra_array(parts) -> None:
    parts["learnt/003/x.npy"] = parts[next(name for name in parts if name.endswith(".npy"))]


DAMAGES = {
    "no member": in_json(module.DETECTOR, lambda v: v.update(members=[])),
    "a member too many": in_json(module.DETECTOR, lambda v: v["members"].append(v["members"][0])),
    "a crowd": in_json(module.DETECTOR, lambda v: v.update(members=v["members"] * 1000)),
    "no weight": in_json(module.DETECTOR, lambda v: v["members"][0].update(times=0)),
    "a weight below none": in_json(module.DETECTOR, lambda v: v["members"][0].update(times=-1)),
    "a huge weight": in_json(module.DETECTOR, lambda v: v["members"][0].update(times=10**400)),
    "half a weight": in_json(module.DETECTOR, lambda v: v["members"][0].update(times=0.5)),
    "what one learnt is gone": in_json(module.LEARNT, lambda v: v["members"].pop()),
    "what is learnt is no list": in_json(module.LEARNT, lambda v: v.update(members={})),
    "what one learnt is no object": in_json(module.LEARNT, lambda v: v.update(members=[1, 2, 3])),
    "a picture is gone": in_json(module.PROBES, lambda v: v["probes"][0]["seen"].pop()),
    "an array of no member": extra_array,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_parts_that_speak_of_other_members_are_refused(path, damage):
    rewritten(path, damage)
    with pytest.raises(StoreError, match=r"whale\.sight"):
        read_bundle(path)


def test_a_damaged_member_is_refused_by_name(path):
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.startswith("learnt/002/")]
        part = max(names, key=lambda name: archive.getinfo(name).file_size)
        at = archive.getinfo(part).header_offset + 30 + len(part) + 200
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreError, match="learnt/002"):
        read_bundle(path)


def test_every_member_is_held_to_what_is_installed_here(uneven, plugins, tmp_path):
    detector = uneven.detector
    secret = tmp_path / "secret.onnx"
    secret.write_text("mine")
    for number in range(3):
        for classifier, words in (
            ("nyckel", "service"),
            ("of-mine", "No classifier"),
            (f"transfer[model='{secret}']", "missing, or another"),
        ):
            members = list(detector.members)
            members[number] = dataclasses.replace(members[number], classifier=classifier)
            odd = dataclasses.replace(detector, members=tuple(members))
            with pytest.raises(StoreError, match=words):
                restore(odd, plugins.catalogue)
    assert restore(detector, plugins.catalogue).differences == ()


def test_thresholds_are_chosen_by_members_that_were_chosen_without_the_fold(keep_named, made_run):
    promise = Promise.parse("recall=0.5")
    run = with_ensembles(made_run, chosen=True)
    row = next(row for row in summarise(run).rows if row.representation == "ensemble")
    (judged,) = judge(run, [row], promise, Joining()).rows
    detector = keep_named("ensemble", promise=promise).detector
    assert detector.decision.thresholds == {"upcall": judged.at.thresholds[0].value}
    assert detector.measured.cv.accuracy == row.mean("cv", "accuracy")


def test_a_member_that_cannot_be_kept_is_told(keep_named, monkeypatch):
    from harness.contracts import LocalClassifier
    from plugins.classifiers.majority import Majority

    monkeypatch.setattr(Majority, "made_again", LocalClassifier.made_again)
    with pytest.raises(PlanError, match="majority can be benchmarked but not kept"):
        keep_named(UNEVEN)


def test_a_person_names_ensembles_as_in_show(made_run, root):
    wish = _wish(UNEVEN, made_run.name, root / "results", None)
    assert [times for _, times in wish.members] == [1, 2, 1]
    assert "greedily" in _wish("ensemble", made_run.name, root / "results", None).chosen
    assert _wish(MEL, made_run.name, root / "results", None).members[0][1] == 1
