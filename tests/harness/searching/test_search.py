"""A search finds what is planted, goes on where it stopped, and never sees a holdout label."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from harness.errors import PlanError, SightbenchError
from harness.results.store import find_run
from harness.running.options import Options
from harness.searching.search import foresee, search
from tests.conftest import Silent
from tests.harness.searching.conftest import Searcher, wish_of


def fates(findings, split=0):
    return {each.way: each for each in findings.splits[split].found.tried}


def test_it_finds_the_frequency_that_tells(searching: Searcher) -> None:
    findings = searching()
    (only,) = findings.splits
    assert only.found.start == "strip"
    assert "hz=300.0" in only.found.chosen
    assert only.found.inside is not None
    assert only.found.inside.pair.low > 0
    assert only.holdout is not None
    assert only.holdout.chosen == only.accuracy > only.holdout.start + 0.2
    assert findings.pooled == only.holdout
    assert only.earlier == 0


def test_what_is_clearly_worse_drops_out_early_and_is_told(searching: Searcher) -> None:
    tried = fates(searching(representations=["strip[hz=300]"]))
    dropped = [each for each in tried.values() if each.fate == "clearly worse"]
    assert dropped
    assert all(each.folds < 3 and each.gain < 0 and "p 0" in each.reason for each in dropped)


def test_the_start_stays_where_nothing_is_better(searching: Searcher) -> None:
    findings = searching(representations=["strip[hz=300]"], stacks=False)
    (only,) = findings.splits
    assert only.found.chosen == only.found.start == "strip[hz=300.0]"
    assert only.found.inside is None
    assert only.holdout is None
    assert findings.pooled is None
    assert only.accuracy > 0.7


def test_a_budget_in_cells_is_kept(searching: Searcher) -> None:
    for cells in (6, 11, 20):
        found = searching(cells=cells).splits[0].found
        assert sum(each.folds for each in found.tried) == found.cells <= cells


def test_a_budget_in_minutes_ends_after_a_stage(searching: Searcher) -> None:
    found = searching(cells=None, minutes=1e-9).splits[0].found
    assert (len(found.tried), found.rounds, found.cells) == (1, 0, 3)


def test_a_seed_gives_the_same_search_and_another_another(searching: Searcher) -> None:
    among = ["strip", "turned", "mel", "spectrogram"]
    ways = [list(fates(searching(among=among, search_seed=seed, cells=14))) for seed in (0, 0, 1)]
    assert ways[0] == ways[1] != ways[2]


def test_a_longer_search_begins_as_a_shorter_one(searching: Searcher) -> None:
    among = ["strip", "turned", "mel", "spectrogram"]
    short, long = (list(fates(searching(among=among, cells=cells))) for cells in (17, 31))
    assert long[: len(short)] == short
    assert len(long) > len(short)


def test_labels_of_the_holdout_change_nothing_of_the_choice(searching: Searcher) -> None:
    true, shuffled = (
        searching(dataset=f"planted[shuffled={seed}]", among=["strip", "turned"]) for seed in (0, 5)
    )
    assert true.splits[0].found == shuffled.splits[0].found
    assert true.splits[0].accuracy > shuffled.splits[0].accuracy + 0.2


def test_no_clip_of_the_holdout_is_in_any_trial(searching: Searcher, options: Options) -> None:
    findings = searching()
    look = find_run(options.results, findings.run)
    trials = find_run(options.results, findings.splits[0].inside_run)
    (outer,) = look.splits()
    inside = trials.splits()
    asked = [id for split in inside for id in split.holdout]
    assert sorted(asked) == sorted(outer.train)
    for split in inside:
        assert not set(split.contents) & set(outer.holdout)
    for cell in trials.cells:
        table = trials.predictions(cell)
        assert not set(table.predictions.ids) & set(outer.holdout)


class Interrupting(Silent):
    """Presses Ctrl-C when it hears of a round for the n-th time."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def tell(self, line: str) -> None:
        self.left -= line.startswith("round")
        if self.left < 0:
            raise KeyboardInterrupt


def cells(options: Options) -> dict[str, int]:
    found = options.results.glob("*/*/cells/*/record.json")
    return {path.parent.name: path.stat().st_mtime_ns for path in found}


def test_it_goes_on_where_it_was_stopped(
    searching: Searcher, options: Options, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        searching(Interrupting(after=2))
    before = cells(options)
    assert len(before) > 3
    findings = searching()
    after = cells(options)
    assert {name: after[name] for name in before} == before
    assert not [name for name in after if "~" in name]
    again = searching()
    assert cells(options) == after
    assert again == findings


def test_what_fails_drops_out_with_its_reason(searching: Searcher) -> None:
    findings = searching(among=["strip", "brittle"])
    failed = [each for each in fates(findings).values() if each.way.startswith("brittle")]
    assert failed
    assert all((each.fate, each.folds, each.gain) == ("failed", 0, None) for each in failed)
    assert all("too many on purpose" in each.reason for each in failed)
    assert findings.splits[0].found.chosen.startswith("strip[hz=300")


@pytest.mark.skipif(os.name != "posix", reason="kills processes by signals")
def test_what_kills_its_process_is_no_candidate(planted, options: Options) -> None:
    at_work = dataclasses.replace(options, here=False, jobs=2)
    wish = wish_of(planted, among=["strip", "deadly"], cells=12)
    findings = search(wish, planted, at_work, Silent())
    assert not [way for way in fates(findings) if "deadly" in way]
    assert len(findings.splits[0].found.tried) > 1


def test_a_start_that_fails_is_told(searching: Searcher) -> None:
    crashing = "nearest-mean[only_once='once:/nowhere/at/all']"
    with pytest.raises(PlanError, match="the start of the search, has no result"):
        searching(classifiers=[crashing])


def test_nested_it_searches_anew_inside_each_training_side(
    searching: Searcher, options: Options
) -> None:
    findings = searching(split="stratified", splits=2, cells=17)
    assert findings.nested
    assert [each.split for each in findings.splits] == [0, 1]
    assert all("hz=300.0" in each.found.chosen for each in findings.splits)
    assert findings.pooled is not None
    held = [each.holdout.pair.n for each in findings.splits]
    assert findings.pooled.pair.n == sum(held)
    assert find_run(options.results, findings.run).plan().splits == 2
    assert findings.plan.splits == 1


def test_who_looked_before_is_counted(searching: Searcher) -> None:
    searching(stacks=False, cells=20)
    second = searching(representations=["strip[hz=200]"], stacks=False, cells=20)
    assert second.splits[0].earlier == 1  # the start of the first; the choice is the same


def test_a_dry_run_says_what_is_first_and_writes_nothing(planted, options: Options) -> None:
    wish = wish_of(planted, among=["strip", "turned"])
    outlook = foresee(wish, planted, options, Silent())
    assert outlook.first[0] == "strip"
    assert len(set(outlook.first)) == len(outlook.first) > 3
    assert not options.results.exists()


def test_candidates_can_be_ranked_by_another_figure(searching: Searcher) -> None:
    findings = searching(by="log-loss")
    assert "hz=300.0" in findings.splits[0].found.chosen
    figures = [each.figure for each in findings.splits[0].found.tried]
    assert all(figure is None or figure < 0 for figure in figures)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"classifiers": ["nearest-mean", "seer"]}, "there are 2"),
        ({"classifiers": ["nearest-spectrum"]}, "looks at signals"),
        ({"folds": 0}, "--folds"),
        ({"seeds": 2}, "one seed"),
        ({"cells": 5}, "too few"),
        ({"cells": None}, "needs a budget"),
        ({"among": ["stripe"]}, "did you mean 'strip'"),
        ({"among": ["turned"]}, "needs a representation"),
        ({"representations": ["strip[fault=true]"]}, "cannot be drawn"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_sentence(
    searching: Searcher, choices: dict[str, object], said: str
) -> None:
    with pytest.raises(SightbenchError, match=said):
        searching(**choices)


def test_a_service_is_not_searched_for(searching: Searcher, monkeypatch) -> None:
    monkeypatch.setenv("NYCKEL_CLIENT_ID", "nobody")
    monkeypatch.setenv("NYCKEL_CLIENT_SECRET", "nothing")
    with pytest.raises(PlanError, match="nyckel is a service"):
        searching(classifiers=["nyckel"])


def test_rasters_are_searched_too(searching: Searcher) -> None:
    findings = searching(classifiers=["nearest-raster"], among=["strip"], cells=20)
    assert "hz=300.0" in findings.splits[0].found.chosen
    assert not [way for way in fates(findings) if way.startswith("stack")]


def test_a_parameter_that_changes_nothing_is_left_out(searching: Searcher) -> None:
    findings = searching(representations=["strip", "strip[hz=300,shade=0.5]"], cells=12)
    assert "strip[hz=300.0]" in fates(findings)
    assert not [way for way in fates(findings) if "shade" in way]


def test_findings_of_one_search_are_values(searching: Searcher) -> None:
    findings = searching(cells=11)
    assert dataclasses.replace(findings) == findings
    assert findings.candidates == len(findings.splits[0].found.tried)
