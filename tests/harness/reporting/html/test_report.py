"""The report as text: everything that the records say, nothing that a stranger can slip in."""

from __future__ import annotations

import csv
import dataclasses
import re
import shlex
import shutil
import tomllib
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.disagreement import Answer
from harness.analysis.redrawing import Redrawing
from harness.analysis.summary import Summary, summarise
from harness.cli.dispatch import dispatch
from harness.pictures.gallery import Gallery
from harness.planning.plan import make_plan
from harness.registry.discovery import Plugins
from harness.reporting.html import Subject, render_report
from harness.reporting.html.charts import Scale, linear, logarithmic, pareto_front
from harness.reporting.html.scenes import choose_clips
from harness.reporting.wording import summary as wording
from harness.reporting.wording.reproduction import command_line, plan_toml
from harness.results.store import Run, find_run

STRANGE = ("<img src=x onerror=alert(1)>", "[red]=1+1", "q\"'&amp;{{ 7*7 }}")
NOTE = "<b>a note</b>\u202e"


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, run_in: Callable[[Path], Any]
) -> tuple[Run, Path]:
    """Return a run on recordings with names that mean harm."""
    root = tmp_path_factory.mktemp("report")
    rng = np.random.default_rng(0)
    for place, label in enumerate(STRANGE):
        (root / "clips" / label).mkdir(parents=True)
        for number in range(12):
            tone = np.sin(2 * np.pi * (100 + 150 * place) * np.arange(1000) / 2000)
            samples = 0.3 * tone + rng.normal(0, 0.4, 1000).clip(-2, 2) * 0.25
            name = f"{number} <i>'\"&.wav"
            soundfile.write(root / "clips" / label / name, samples, 2000)
    run, records, _ = run_in(root)(
        dataset=f"labelled-folder[path='{root / 'clips'}']",
        representations=["levels", "spectrogram", "levels[fault=raise]"],
        classifiers=["nearest-mean", "pixels-logistic", "majority"],
        splits=2,
        train_sizes=[9, 15],
        picture_height=56,
        picture_width=56,
        note=NOTE,
    )
    assert {record.status for record in records} == {"ok", "failed"}
    return run, root


@pytest.fixture(scope="module")
def summary(finished: tuple[Run, Path]) -> Summary:
    return summarise(finished[0])


@pytest.fixture(scope="module")
def html(finished: tuple[Run, Path], summary: Summary, plugins: Plugins) -> str:
    source = Redrawing(finished[0], plugins, Gallery(finished[1] / "cache"))
    page = render_report([Subject(summary, source)])
    assert page.missing == ()
    return page.html


@pytest.fixture(scope="module")
def page(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def test_names_of_strangers_are_text(page: Reader, html: str) -> None:
    tags = {tag for tag, _ in page.tags}
    assert "i" not in tags
    assert "b" not in tags
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    text = "".join(page.text)
    for name in STRANGE:
        assert name in text
    assert "49" not in re.findall(r"q.{0,20}", text)[0]
    assert "\u202e" not in html
    assert "holdout\N{NO-BREAK SPACE}%" in html
    assert "<b>a note</b>" in text


def test_every_picture_is_in_the_file_and_nothing_else_is_loaded(page: Reader) -> None:
    pictures = [attrs for tag, attrs in page.tags if tag == "img"]
    assert pictures
    assert all((attrs["src"] or "").startswith("data:image/jpeg;base64,") for attrs in pictures)
    assert all(attrs["alt"] for attrs in pictures)
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert all((link or "").startswith("#") for link in links)
    assert not {"link", "iframe", "object", "embed", "base"} & {tag for tag, _ in page.tags}
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert (policy or "").startswith("default-src 'none'")


def test_every_picture_says_what_its_axes_mean(page: Reader) -> None:
    spoken = [attrs["alt"] or "" for tag, attrs in page.tags if tag == "img"]
    drawn = [words for words in spoken if " as spectrogram" in words]
    assert drawn
    assert all("up: frequency (Hz)" in words and "across: time (s)" in words for words in drawn)
    ticks = [attrs["style"] or "" for _, attrs in page.tags if "--at" in (attrs.get("style") or "")]
    assert len(ticks) > 4 * len(drawn)
    places = [float(each.removeprefix("--at: ").removesuffix("%")) for each in ticks]
    assert all(0 <= place <= 100 for place in places)


def test_every_clip_shown_can_be_heard_once(
    page: Reader, html: str, finished: tuple[Run, Path], summary: Summary, plugins: Plugins
) -> None:
    players = [attrs for tag, attrs in page.tags if tag == "audio"]
    assert len(players) >= 12
    assert all((attrs["src"] or "").startswith("data:audio/wav;base64,") for attrs in players)
    names = [attrs["aria-label"] for attrs in players]
    assert len(set(names)) == len(names)
    assert all("autoplay" not in attrs and attrs["preload"] == "none" for attrs in players)
    assert f"{len(players)} clips can be heard" in html
    assert "media-src data:" in html
    source = Redrawing(finished[0], plugins, Gallery(finished[1] / "cache"))
    silent = render_report([Subject(summary, source)], room=0)
    assert "<audio" not in silent.html
    assert silent.sounds == silent.sound_bytes == 0
    assert len(silent.html) < len(html)


def test_links_lead_to_sections_and_ids_are_unique(page: Reader) -> None:
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {(attrs["href"] or "")[1:] for tag, attrs in page.tags if tag == "a"}
    assert targets <= set(ids)


def test_it_says_what_the_summary_says(page: Reader, summary: Summary) -> None:
    text = " ".join("".join(page.text).split())
    assert wording.headline(summary) in text
    for row in summary.rows:
        assert row.classifier in text
        if row.accuracy is not None:
            assert wording.interval(row.low, row.high) in text
    assert "cannot draw on purpose" in text
    assert summary.data.digest in text
    for digest in summary.split.digests:
        assert digest in text
    for name in ("Gains", "Spread", "Learning curve", "Confusion", "Calibration", "Gallery"):
        assert name in text


def test_the_gallery_is_bounded_and_has_both_kinds() -> None:
    said = [(f"c{n}", "ab"[n % 2], Answer("a", 0.9, n % 5 != 0)) for n in range(100)]
    chosen = choose_clips(said, 12)
    assert len(set(chosen)) == 12
    wrong = [clip for clip in chosen if int(clip[0][1:]) % 5 == 0]
    assert len(wrong) == 6
    assert {label for _, label in chosen} == {"a", "b"}
    assert choose_clips(said[:1], 12) == [("c0", "a")]
    assert choose_clips([], 12) == []


def test_without_the_dataset_it_says_so(
    finished: tuple[Run, Path], tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, _ = finished
    copy = tmp_path / "results" / "strange" / run.folder.name
    shutil.copytree(run.folder, copy)
    (asked,) = (copy / "runs").iterdir()
    asked.write_text(asked.read_text().replace("/clips", "/nowhere"))
    here = ["--results", str(tmp_path / "results"), "--cache", str(tmp_path / "none")]
    assert dispatch(["report", *here, "--plugin", str(tones)]) == 0
    told = capsys.readouterr()
    assert "no pictures" in told.err
    text = (copy / "report.html").read_text()
    assert told.out.strip() == str(copy / "report.html")
    assert "This report has no pictures" in text
    assert "data:image" not in text
    moved = ["--path", str(finished[1] / "clips"), "-o", str(tmp_path / "deep" / "r.html")]
    assert dispatch(["report", *here, "--plugin", str(tones), *moved]) == 0
    assert "data:image" in (tmp_path / "deep" / "r.html").read_text()


def test_a_file_that_cannot_be_written_is_told(
    finished: tuple[Run, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    run = str(finished[0].folder)
    assert dispatch(["report", run, "--clips", "0", "-o", str(tmp_path / "file" / "r.html")]) == 2
    assert "--output" in capsys.readouterr().err


def test_the_plan_reads_back(summary: Summary, plugins: Plugins) -> None:
    again = make_plan(tomllib.loads(plan_toml(summary.plan)), plugins.catalogue.is_improvement)
    assert again.written() == summary.plan
    words = shlex.split(command_line(summary.plan))
    assert words[:2] == ["sightbench", "run"]
    assert NOTE in words
    assert command_line(dataclasses.replace(summary.plan, picture_width=12)) == ""


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20))
def test_a_linear_axis_holds_its_values(values: list[float]) -> None:
    axis = linear("", values, floor=0, ceiling=100)
    assert 0 <= axis.low < axis.high <= 100 + 1e-9
    assert all(axis.low - 1e-6 <= value <= axis.high + 1e-6 for value in values)
    assert 2 <= len(axis.ticks) <= 9


@given(st.lists(st.floats(1e-3, 1e5), min_size=1, max_size=20))
def test_a_logarithmic_axis_keeps_ratios(values: list[float]) -> None:
    axis = logarithmic("", values)
    assert axis.ticks
    assert all(0 <= at <= 100 for at, _ in axis.ticks)
    middle = Scale("", 1, 100, logarithmic=True)
    assert middle.place(10) == pytest.approx(50)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=30))
def test_nothing_beats_the_front(points: list[tuple[int, int]]) -> None:
    front = [points[at] for at in pareto_front([(float(a), float(b)) for a, b in points])]
    for cost, worth in front:
        assert not [p for p in points if p[0] <= cost and p[1] >= worth and p != (cost, worth)]
    for cost, worth in points:
        assert any(a <= cost and b >= worth for a, b in front)


def test_strangers_names_in_csv_are_no_formulas(
    finished: tuple[Run, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert dispatch(["show", str(finished[0].folder), "--format", "csv"]) == 0
    cells = [cell for row in csv.reader(capsys.readouterr().out.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_a_run_without_any_result_has_a_report(
    tmp_path: Path, run_in: Callable[[Path], Any], plugins: Plugins
) -> None:
    run, _, _ = run_in(tmp_path)(representations=["levels[fault=raise]"])
    source = Redrawing(run, plugins, Gallery(tmp_path / "cache"))
    text = render_report([Subject(summarise(run), source)]).html
    assert "No cell has a result" in text
    assert "no cell has a result" in text
    assert "cannot draw on purpose" in text
    assert "Synthetic clips" in text


def test_many_classes_show_their_worst_mistakes(
    tmp_path: Path, run_in: Callable[[Path], Any], plugins: Plugins
) -> None:
    names = [f"kind{number}" for number in range(21)]
    run, _, _ = run_in(tmp_path)(
        dataset=f"tones[clips=168,labels='{','.join(names)}']", folds=2, picture_height=28
    )
    text = render_report([Subject(summarise(run))]).html
    assert "21 classes; the most frequent mistakes" in text
    table = run.predictions(run.records()[0].cell).side("holdout")
    pairs = Counter(
        (true, said)
        for true, said in zip(table.true, table.predictions.labels, strict=True)
        if true != said
    )
    clips = pairs.most_common(1)[0][1]
    found = re.findall(r"<li><bdi>(\w+)</bdi> taken for <bdi>(\w+)</bdi>: (\d+)</li>", text)
    assert 0 < len(found) <= 20
    assert int(found[0][2]) == clips
    assert all(pairs[true, said] == int(number) for true, said, number in found)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, run_in: Callable[[Path], Any]) -> Path:
    """Return results of the same cells on two sets of tones."""
    root = tmp_path_factory.mktemp("two")
    for seed, name in enumerate(("near", "far")):
        run_in(root)(
            dataset=f"tones[seed={seed}]",
            representations=["levels", "spectrogram"],
            classifiers=["nearest-mean", "majority"],
            experiment=name,
            picture_height=56,
            picture_width=56,
        )
    return root


def test_several_data_sets_are_one_page_with_ranks(
    two: Path, tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--results", str(two / "results"), "--cache", str(two / "cache")]
    words = ["report", "near", "far", *here, "--plugin", str(tones), "-o", str(tmp_path / "r.html")]
    assert dispatch(words) == 0
    reader = Reader()
    reader.feed((tmp_path / "r.html").read_text())
    text = " ".join("".join(reader.text).split())
    assert "Best over 2 datasets: " in text
    assert "2 datasets are too few to tell any two of" in text
    for run in ("near", "far"):
        assert wording.headline(summarise(find_run(two / "results", run))) in text
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {"d1-ranking", "d2-ranking", "d1-gallery", "d2-mistakes"} <= set(ids)
    links = [(attrs["href"] or "")[1:] for tag, attrs in reader.tags if tag == "a"]
    assert set(links) <= set(ids)
    assert {"d1-grid", "d2-grid"} <= set(links)
    assert [tag for tag, _ in reader.tags].count("h1") == 1
    capsys.readouterr()
    assert dispatch(["report", "near", "near", *here]) == 2
    assert "named twice" in capsys.readouterr().err
    assert dispatch(["report", "near", "far", "--path", "x", *here]) == 2
    assert "--path is of one dataset" in capsys.readouterr().err


def test_data_sets_without_shared_cells_are_one_page_without_ranks(
    summary: Summary, two: Path
) -> None:
    other = summarise(find_run(two / "results", "near"))
    few = dataclasses.replace(other, rows=other.rows[:1])
    page = render_report([Subject(few), Subject(summary)])
    assert "2 data sets, without ranks" in page.html
    assert "Run the same representations" in page.html
