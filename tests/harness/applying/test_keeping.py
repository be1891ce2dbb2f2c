"""A cell is kept: as the benchmark learns, with its figures; what cannot be kept is told why."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from harness.analysis.judging import judge
from harness.analysis.summary import summarise
from harness.analysis.thresholds import Promise
from harness.applying.probes import MOST_PROBES, choose_probes, self_test
from harness.applying.restoring import restore
from harness.contracts import LocalClassifier
from harness.errors import PlanError, StoreError
from harness.measuring.timing import Stopwatch
from harness.planning.plan import make_plan
from harness.registry.resolution import resolve
from harness.reporting.wording.detector import promised
from harness.running.drawing import draw
from harness.running.features import features_of
from harness.running.preparation import prepare
from harness.sources.finding import source_file
from harness.statistics.events import Joining
from harness.values import Entry
from tests.harness.applying.conftest import session_at


def test_the_card_has_the_cells_figures_and_split(bundle, made_run):
    detector = bundle.detector
    record = next(r for r in made_run.records() if str(r.cell).startswith("mel"))
    assert detector.classes == ("background", "upcall")
    assert detector.decision.background == "background"
    assert detector.wanted == ("upcall",)
    assert detector.measured.holdout.accuracy == record.holdout.accuracy
    assert detector.measured.cv.accuracy == record.cv.accuracy
    assert detector.trained.split_digest == made_run.split(0).digest()
    assert detector.trained.clips == len(made_run.split(0).contents)
    assert "window=2.0" in detector.hearing.dataset
    assert "hop=1.0" in detector.hearing.dataset
    assert "path" not in detector.hearing.dataset


def test_keeping_again_gives_the_same_parts(bundle, keep_cell):
    assert keep_cell().parts == bundle.parts


def test_of_the_training_side_alone_scores_are_those_of_the_benchmark(
    keep_cell, made_run, plugins, root
):
    """To the last bit: the same clips, the same seed, the same way."""
    kept = keep_cell(training_side=True)
    assert kept.detector.trained.side == "train"
    table = made_run.predictions(made_run.records()[0].cell).side("holdout")
    scorer = restore(kept.detector, plugins.catalogue).scorer(kept)
    dataset = plugins.catalogue.build("dataset", made_run_dataset(made_run, plugins))
    entries = {entry.id: entry for entry in dataset.entries()}
    clips = [dataset.read(entries[id]) for id in table.predictions.ids]
    scores = np.concatenate([scorer.scores(clips[at : at + 7]) for at in range(0, len(clips), 7)])
    np.testing.assert_array_equal(scores, table.predictions.scores)


def made_run_dataset(made_run, plugins):
    return make_plan(made_run.plan().choices(), plugins.catalogue.is_improvement).dataset


def test_pictures_are_those_of_the_benchmark(bundle, made_run, plugins, root):
    plan = make_plan(made_run.plan().choices(), plugins.catalogue.is_improvement)
    scorer = restore(bundle.detector, plugins.catalogue).scorer(bundle)
    (member,) = scorer.members
    with session_at(root) as session:
        ready = prepare(resolve(plan, plugins), session)
        album = draw(ready, session)[plan.representations[0]]
        features = features_of(member.classifier, album, None, Stopwatch(), root)
        rows = ready.rows[:40]
        clips = [ready.resolved.dataset.read(ready.collection.entries[row]) for row in rows]
    (seen,) = scorer.see(clips)
    np.testing.assert_array_equal(seen.pixels, album.pictures(range(40)).pixels)
    said = member.fitted.predict(features).scores[:40]
    np.testing.assert_array_equal(scorer.scores(clips), said)


def test_a_control_can_be_kept_too(keep_cell):
    kept = keep_cell("mel × majority")
    assert kept.detector.title == "mel × majority"


def test_the_self_test_passes_here_and_tells_what_is_otherwise(bundle, plugins):
    scorer = restore(bundle.detector, plugins.catalogue).scorer(bundle)
    probes, samples = bundle.probes, bundle.samples
    assert 1 <= len(samples) <= MOST_PROBES
    assert {each.label for each in probes.probes} == {"background", "upcall"}
    assert self_test(scorer, probes, samples) == ""
    louder = [samples[0] + np.float32(0.01) * np.arange(4000, dtype=np.float32), *samples[1:]]
    assert "draws" in self_test(scorer, probes, louder)
    first = dataclasses.replace(probes.probes[0], scores=(0.5, 0.5))
    other = dataclasses.replace(probes, probes=(first, *probes.probes[1:]))
    assert "probabilities differ" in self_test(scorer, other, samples)
    assert self_test(scorer, other, samples, tolerance=1.0) == ""


def test_probes_are_of_every_class_and_few():
    entries = [Entry(f"clip {n:03d}", "abc"[min(n // 60, 2)]) for n in range(200)]
    chosen = choose_probes(entries, 1000)
    assert len(chosen) == MOST_PROBES
    assert [each.label for each in chosen[:3]] == ["a", "b", "c"]
    assert len({each.id for each in chosen}) == MOST_PROBES
    assert choose_probes(list(reversed(entries)), 1000) == chosen
    assert len(choose_probes(entries, 10**9)) == 1


def test_a_threshold_is_chosen_inside_training_for_a_promise(keep_cell, made_run):
    promise = Promise.parse("recall=0.5")
    decision = keep_cell(promise=promise, joining=Joining(0.0, 2)).detector.decision
    row = next(row for row in summarise(made_run).rows if row.title == "mel × pca-svm")
    (judged,) = judge(made_run, [row], promise, Joining(0.0, 2)).rows
    assert decision.thresholds == {"upcall": judged.at.thresholds[0].value}
    (confirmed,) = decision.confirmed
    assert confirmed.promise == "recall=0.5"
    assert confirmed.recall.value == judged.at.recall.value
    assert confirmed.verdict == judged.at.verdict
    assert decision.shortest == 2
    assert "recall=0.5" in promised(confirmed)


def test_a_promise_that_nothing_keeps_is_refused(keep_cell):
    with pytest.raises(PlanError, match="Promise less"):
        keep_cell("mel × majority", promise=Promise.parse("precision=1"))


def test_a_background_of_no_class_is_refused(keep_cell):
    with pytest.raises(PlanError, match="none of the classes"):
        keep_cell(background="silence")
    assert keep_cell(background="").detector.wanted == ("background", "upcall")


def test_what_cannot_write_itself_down_is_not_kept(keep_cell, monkeypatch):
    from plugins.classifiers.pca_svm import PcaSvm

    monkeypatch.setattr(PcaSvm, "made_again", LocalClassifier.made_again)
    with pytest.raises(PlanError, match="benchmarked but not kept"):
        keep_cell()


def with_member(detector, **changes):
    """Give a detector whose last member is another."""
    *others, last = detector.members
    return dataclasses.replace(detector, members=(*others, dataclasses.replace(last, **changes)))


def test_plugins_that_are_not_here_are_told(bundle, plugins):
    detector = bundle.detector
    for changes, words in (
        ({"classifier": "pca-svm-of-mine"}, "No classifier"),
        ({"representation": "mel+nothing"}, "nothing"),
        ({"classifier": "pca-svm[components=0]"}, "components"),
        ({"classifier": "pca-svm[components=1,2]"}, "several"),
        ({"classifier": "minirocket"}, "look"),
        ({"classifier": "nyckel"}, "service"),
    ):
        with pytest.raises(StoreError, match=words):
            restore(with_member(detector, **changes), plugins.catalogue)


def test_a_bundle_reads_no_file_of_this_machine(bundle, plugins, tmp_path, monkeypatch):
    from plugins.classifiers.transfer import plugin

    def examine(asked):
        raise AssertionError("the file was opened")

    monkeypatch.setattr(plugin, "examine", examine)
    secret = tmp_path / "secret.onnx"
    secret.write_text("mine")
    asking = with_member(bundle.detector, classifier=f"transfer[model='{secret}']")
    with pytest.raises(StoreError, match="missing, or another"):
        restore(asking, plugins.catalogue)


def test_differences_are_said(bundle, plugins):
    first, *rest = bundle.detector.plugins
    older = dataclasses.replace(first, version="0")
    changed = dataclasses.replace(rest[0], digest="0" * 32)
    environment = dataclasses.replace(bundle.detector.environment, libraries={"numpy": "1.0"})
    detector = dataclasses.replace(
        bundle.detector, plugins=(older, changed, *rest[1:]), environment=environment
    )
    said = restore(detector, plugins.catalogue).differences
    assert [each.partition(" ")[0] for each in said] == [first.name, rest[0].name, "numpy"]
    assert restore(bundle.detector, plugins.catalogue).differences == ()


def test_a_folder_called_as_a_name_of_a_module_is_not_taken_for_it(tmp_path, monkeypatch):
    """functools.cache is a function, whatever lies in the current folder."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "lru_cache.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert source_file("functools.cache") is None
    assert source_file("functools.lru_cache") is None
