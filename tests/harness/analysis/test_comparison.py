"""Two runs or cells compared: what is told, what is refused, what ends with status 1."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar

from harness.analysis.cell_names import find_row, names_cells, split_cell_name
from harness.analysis.comparison import compare_cells, compare_runs
from harness.analysis.durations import (
    THRESHOLD,
    clip_duration,
    compare_durations,
    fit_duration,
)
from harness.analysis.ranking import rank_runs
from harness.analysis.summary import Summary, summarise
from harness.cli.dispatch import dispatch
from harness.clips.splits import Split
from harness.errors import SpecError, StoreError
from harness.files.documents import write_document
from harness.measuring.environment import Environment
from harness.measuring.timing import StageTime
from harness.planning.plan import Cell, Plan
from harness.planning.specs import Chain, Spec
from harness.reporting.wording.comparison import shown
from harness.results.clips import ClipsAbout
from harness.results.predictions import PredictionTable
from harness.results.record import Record, SideCounts
from harness.results.scores import score
from harness.results.store import Run
from harness.values import Predictions

CLIPS = 60


def made_up(
    root: Path,
    name: str,
    wrong: dict[tuple[str, str], int],
    *,
    digest: str = "same",
    kind: str = "given",
    holdout: int = CLIPS,
    splits: int = 1,
    failed: tuple[tuple[str, str], ...] = (),
    ms: float = 1.0,
) -> Run:
    """Write a run whose cells judge the first so many clips wrong."""
    run = Run(root / "made-up" / name)
    run.folder.mkdir(parents=True)
    cells = [*wrong, *failed]
    plan = Plan(
        "made-up",
        Spec("made-up"),
        tuple(Chain(Spec(name)) for name in dict.fromkeys(cell[0] for cell in cells)),
        tuple(Spec(name) for name in dict.fromkeys(cell[1] for cell in cells)),
        splits=splits,
    )
    write_document(run.folder / "plan.json", plan.written())
    about = ClipsAbout(
        dataset=f"data {digest}", summary="", digest=digest, synthetic=True,
        clips=2 * holdout, classes={"a": holdout, "b": holdout}, groups=0, rates_hz=(100.0,),
        shortest_s=1.0, longest_s=1.0, left_out=(),
    )  # fmt: skip
    write_document(run.folder / "data.json", about)
    here = Environment("3", "system", "abacus", "beads", 1, 1, {})
    write_document(run.folder / "environment.json", here)
    ids = tuple(f"clip-{row}" for row in range(holdout))
    train = tuple(f"train-{row}" for row in range(holdout))
    contents = {id: f"{digest} {id}" for id in (*train, *ids)}
    for number in range(splits):
        split = Split(kind, train, ids, (), {id: f"{c} {number}" for id, c in contents.items()})
        write_document(run.folder / f"splits/{number}.json", split.to_json())
    for (representation, classifier), count in wrong.items():
        for number in range(splits):
            _finish(
                run, Cell(Chain(Spec(representation)), Spec(classifier), number), ids, count, ms
            )
    for representation, classifier in failed:
        cell = Cell(Chain(Spec(representation)), Spec(classifier))
        run.finish(Record(cell=cell, status="failed", reason="it broke"))
    return run


def _finish(run: Run, cell: Cell, ids: tuple[str, ...], wrong: int, ms: float) -> None:
    true = tuple("ab"[row % 2] for row in range(len(ids)))
    scores = np.array([[0.9, 0.1] if name == "a" else [0.1, 0.9] for name in true])
    scores[:wrong] = scores[:wrong, ::-1]
    said = Predictions.from_scores(ids, ("a", "b"), scores)
    record = Record(
        cell=cell,
        status="ok",
        holdout=score(true, said),
        seconds={
            "predict": StageTime(1.0, len(ids), ms, ms),
            "fit": StageTime(10 * ms, len(ids)),
        },
        clips=SideCounts(len(ids), len(ids)),
        versions={},
    )
    table = PredictionTable(("holdout",) * len(ids), (None,) * len(ids), true, said)
    run.finish(record, table)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Summary]:
    return lambda name, wrong, **more: summarise(made_up(tmp_path, name, wrong, **more))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("mel/pca-svm", ("mel", "pca-svm")),
        ("mel × pca-svm", ("mel", "pca-svm")),
        ("labelled[path='a/b.zip']+crop/svm[c=1]", ("labelled[path='a/b.zip']+crop", "svm[c=1]")),
        ("mel[path=a/b]/svm[x='/']", ("mel[path=a/b]", "svm[x='/']")),
    ],
)
def test_a_cell_name_is_cut_outside_brackets_and_quotes(
    written: str, expected: tuple[str, str]
) -> None:
    assert split_cell_name(written) == expected


@pytest.mark.parametrize("written", ["mel", "mel/", "/svm", "", "mel[a=b/c]"])
def test_what_names_no_cell_is_refused(written: str) -> None:
    with pytest.raises(SpecError, match="representation/classifier"):
        split_cell_name(written)


def test_a_cell_is_found_however_it_is_written_and_suggested_when_misspelt() -> None:
    rows = [
        SimpleNamespace(representation="spectrogram+noise-removed", classifier="svm"),
        SimpleNamespace(representation="mel[fmin=50,n_mels=64]", classifier="svm[c=1]"),
    ]
    assert find_row(rows, "noise-removed/svm", "run") is rows[0]  # type: ignore[arg-type]
    assert find_row(rows, "mel[n_mels=64, fmin=50] × svm[c=1]", "run") is rows[1]  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="Did you mean 'spectrogram\\+noise-removed/svm'"):
        find_row(rows, "spectrogram+noise-remved/svm", "run")  # type: ignore[arg-type]


def test_a_run_is_not_taken_for_a_cell(tmp_path: Path) -> None:
    run = made_up(tmp_path, "b", {("mel", "svm"): 1})
    assert names_cells(["mel/svm", "mel/knn"], tmp_path)
    assert not names_cells(["made-up/b", "mel/svm"], tmp_path)
    assert not names_cells([str(run.folder), str(run.folder)], tmp_path)


def test_a_real_loss_is_told_and_chance_is_not(make: Callable[..., Summary]) -> None:
    first = make("1", {("mel", "svm"): 5, ("mel", "knn"): 5})
    second = make("2", {("mel", "svm"): 15, ("mel", "knn"): 6})
    found = compare_runs(first, second)
    svm, knn = found.changes
    assert (svm.first, svm.second) == (55 / 60, 45 / 60)
    assert svm.pair.difference == pytest.approx(-10 / 60)
    reference = mcnemar([[45, 10], [0, 5]], exact=True).pvalue
    assert svm.adjusted == pytest.approx(2 * reference)  # Holm over two cells
    assert svm.verdict == "worse"
    assert knn.verdict == "no clear difference"
    assert shown(found, everything=False) == [svm]
    assert len(shown(found, everything=True)) == 2
    assert found.regressions == ("mel × svm: accuracy -16.7 points",)
    back = compare_runs(second, first)
    assert back.changes[0].verdict == "better"
    assert back.regressions == ()


def test_two_cells_of_one_run(make: Callable[..., Summary]) -> None:
    summary = make("1", {("mel", "svm"): 5, ("mel", "knn"): 30})
    found = compare_cells(summary, *summary.rows)
    assert found.changes[0].verdict == "worse"
    with pytest.raises(StoreError, match="itself"):
        compare_cells(summary, summary.rows[0], summary.rows[0])


def test_splits_are_paired_and_shared_ones_alone_count(make: Callable[..., Summary]) -> None:
    first = make("1", {("mel", "svm"): 5}, splits=3)
    second = make("2", {("mel", "svm"): 8}, splits=2)
    assert compare_runs(first, second).changes[0].pair.n == 2 * CLIPS


def test_other_data_and_other_splits_are_refused(make: Callable[..., Summary]) -> None:
    first = make("1", {("mel", "svm"): 5})
    with pytest.raises(StoreError, match=r"different data.*--ranks"):
        compare_runs(first, make("2", {("mel", "svm"): 5}, digest="other"))
    with pytest.raises(StoreError, match=r"hold out other clips.*--split .*0\.json"):
        compare_runs(first, make("3", {("mel", "svm"): 5}, holdout=40))
    with pytest.raises(StoreError, match="no cell in common"):
        compare_runs(first, make("4", {("wave", "knn"): 5}))


def test_a_cell_that_fails_now_is_a_regression_and_others_are_named(
    make: Callable[..., Summary],
) -> None:
    first = make("1", {("mel", "svm"): 5, ("wave", "svm"): 5, ("mel", "knn"): 5})
    second = make("2", {("mel", "svm"): 5, ("new", "svm"): 5}, failed=(("wave", "svm"),))
    found = compare_runs(first, second)
    assert [change.name for change in found.changes] == ["mel × svm"]
    assert found.only_first == ("mel × knn",)
    assert found.only_second == ("new × svm",)
    assert "it broke" in found.left_out[0]
    assert found.regressions == ("wave × svm: failed in made-up/2, it broke",)


def test_a_cell_that_is_planned_but_missing_is_a_regression(make: Callable[..., Summary]) -> None:
    first = make("1", {("mel", "svm"): 5, ("mel", "knn"): 5, ("wave", "svm"): 5})
    second = make("2", {("mel", "svm"): 5, ("wave", "knn"): 5})
    planned = dataclasses.replace(second.plan, classifiers=("svm", "knn"))
    found = compare_runs(first, dataclasses.replace(second, plan=planned))
    assert "mel × knn: not run yet in made-up/2" in found.regressions


def test_time_is_told_beyond_the_threshold_only() -> None:
    below, beyond = THRESHOLD * 0.99, THRESHOLD * 1.01
    assert compare_durations([(1.0, below)], 0.1).pace == "no clear change"  # type: ignore[union-attr]
    slower = compare_durations([(1.0, beyond)], 0.1)
    assert slower is not None
    assert slower.pace == "slower"
    assert slower.low is None  # one measurement has no interval
    assert compare_durations([(beyond, 1.0)], 0.1).pace == "faster"  # type: ignore[union-attr]
    assert compare_durations([(0.01, 0.05)], 0.1).pace == "no clear change"  # type: ignore[union-attr]
    assert compare_durations([None], 0.1) is None


def test_repeated_times_need_an_interval_without_one() -> None:
    noisy = compare_durations([(1.0, 4.0), (1.0, 0.5), (1.0, 4.0)], 0.1)
    assert noisy is not None
    assert noisy.low is not None
    assert noisy.high is not None
    assert noisy.ratio == pytest.approx(math.exp(np.log([4, 0.5, 4]).mean()))
    assert noisy.low < 1 < noisy.high
    assert noisy.pace == "no clear change"
    steady = compare_durations([(1.0, 2.0), (1.0, 2.1), (1.0, 1.9)], 0.1)
    assert steady is not None
    assert steady.pace == "slower"


def test_a_slower_run_is_told_even_if_as_accurate(make: Callable[..., Summary]) -> None:
    first = make("1", {("mel", "svm"): 5}, splits=3)
    found = compare_runs(first, make("2", {("mel", "svm"): 5}, splits=3, ms=3.0))
    (change,) = found.changes
    assert change.told
    assert change.clip is not None
    assert change.clip.ratio == pytest.approx(3.0)
    assert found.regressions == ("mel × svm: fit s ×3.00",)


def test_ranks_over_datasets(make: Callable[..., Summary]) -> None:
    wrong = {("mel", "svm"): 0, ("mel", "knn"): 5, ("wave", "svm"): 9}
    runs = [
        make(str(n), {cell: n + more for cell, more in wrong.items()}, digest=str(n))
        for n in range(8)
    ]
    found = rank_runs(runs)
    assert found.analysis.names == ("mel × svm", "mel × knn", "wave × svm")
    assert found.analysis.average_ranks.tolist() == [1.0, 2.0, 3.0]
    assert found.accuracies[0].tolist() == pytest.approx([60 / 60, 55 / 60, 51 / 60])
    assert found.smallest_p == pytest.approx(3 * 2 / 2**8)
    assert not found.hopeless
    assert len(set(found.analysis.letters)) == 3
    assert rank_runs(runs[:3]).hopeless


def test_ranks_refuse_the_same_data_twice_and_too_little(make: Callable[..., Summary]) -> None:
    first = make("1", {("mel", "svm"): 5, ("mel", "knn"): 6})
    again = make("2", {("mel", "svm"): 5, ("mel", "knn"): 6})
    with pytest.raises(StoreError, match="same data"):
        rank_runs([first, again])
    with pytest.raises(StoreError, match="two runs or more"):
        rank_runs([first])
    with pytest.raises(StoreError, match="share 1 finished"):
        rank_runs([first, make("3", {("mel", "svm"): 5}, digest="other")])


@pytest.fixture
def sightbench(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return what runs the command line on the results of the test: status, stdout, stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = dispatch([*arguments, "--results", str(tmp_path)])
        return status, *capsys.readouterr()

    return run


def test_the_verb(tmp_path: Path, sightbench: Callable[..., tuple[int, str, str]]) -> None:
    made_up(tmp_path, "1", {("mel", "svm"): 5, ("mel", "knn"): 5})
    made_up(tmp_path, "2", {("mel", "svm"): 30, ("mel", "knn"): 6})
    both = ("made-up/1", "made-up/2")
    status, told, _ = sightbench("compare", *both)
    assert status == 0
    assert "-41.7" in told
    assert told.count("×1.00") == 2  # both times are inside the 80 columns
    assert "knn" not in told
    assert "knn" in sightbench("compare", *both, "--all")[1]
    assert sightbench("compare", *both, "--fail-on-regression")[0] == 1
    assert sightbench("compare", *both[::-1], "--fail-on-regression")[0] == 0
    changes = json.loads(sightbench("compare", *both, "--format", "json")[1])["changes"]
    assert [change["verdict"] for change in changes] == ["worse", "no clear difference"]
    assert "+40.0" in sightbench("compare", "mel/svm", "mel/knn", "--run", "made-up/2")[1]


def test_the_verb_refuses_in_a_sentence(
    tmp_path: Path, sightbench: Callable[..., tuple[int, str, str]]
) -> None:
    made_up(tmp_path, "1", {("mel", "svm"): 5})
    made_up(tmp_path, "3", {("mel", "svm"): 3}, digest="other")
    for arguments, reason in (
        (("made-up/1", "made-up/3"), "different data"),
        (("made-up/1", "made-up/1"), "itself"),
        (("made-up/1",), "two runs or two cells"),
        (("made-up/1", "made-up/9"), "There are"),
        (("mel/svn", "mel/knn"), "Did you mean 'mel/svm'"),
    ):
        status, _, complaint = sightbench("compare", *arguments)
        assert status == 2
        assert reason in complaint
        assert complaint.startswith("sightbench: ")


def test_names_of_strangers_are_no_markup(
    tmp_path: Path, sightbench: Callable[..., tuple[int, str, str]]
) -> None:
    made_up(tmp_path, "1", {("mel", "svm"): 5, ("mel", "knn"): 5})
    made_up(tmp_path, "3", {("mel", "svm"): 3, ("mel", "knn"): 6}, digest="[red]=\x1b[31m|")
    both = ("--ranks", "made-up/1", "made-up/3")
    told = sightbench("compare", *both)[1]
    assert "data [red]=\\x1b[31m|" in told
    assert "\x1b" not in told
    assert "too few" in told
    assert "data \\[red\\]=" in sightbench("compare", *both, "--format", "markdown")[1]


def test_details_say_what_the_records_say(
    tmp_path: Path, sightbench: Callable[..., tuple[int, str, str]]
) -> None:
    made_up(tmp_path, "1", {("mel", "svm"): 15})
    status, told, _ = sightbench("show", "--details")
    assert status == 0
    assert "balanced" in told
    figures = next(line for line in told.splitlines() if "0.210" in line)
    # 15 of 60 wrong with probability 0.9: Brier 0.25 * 0.81 + 0.75 * 0.01, log loss likewise.
    assert f"{-0.75 * math.log(0.9) - 0.25 * math.log(0.1):.3f}" in figures
    assert "0.150" in figures  # sure 0.9, right 0.75


def test_times_of_two_machines_are_not_compared() -> None:
    cell = Cell(Chain(Spec("mel")), Spec("pca-svm"), 0, 0)
    times = {"fit": StageTime(1.0, 10), "predict": StageTime(1.0, 10, 2.0, 2.0)}
    here = Record(cell=cell, status="ok", seconds=times)
    there = dataclasses.replace(here, host="lab-2")
    for duration in (fit_duration, clip_duration):
        assert duration([(here, there)]) is None
        assert duration([(there, there)]) is not None


def test_times_that_two_machines_share_in_are_not_compared() -> None:
    cell = Cell(Chain(Spec("mel")), Spec("pca-svm"), 0, 0)
    fit = StageTime(1.0, 10, hosts=("lab-1",))

    def drawn(*hosts: str) -> Record:
        draw = StageTime(1.0, 10, 2.0, 2.0, hosts)
        return Record(cell=cell, status="ok", seconds={"draw": draw, "fit": fit})

    alone, other, both = drawn("lab-1"), drawn("lab-2"), drawn("lab-1", "lab-2")
    assert clip_duration([(alone, alone)]) is not None
    assert clip_duration([(alone, other)]) is None
    assert clip_duration([(both, both)]) is None
    for each in (alone, other, both):
        assert fit_duration([(alone, each)]) is not None
