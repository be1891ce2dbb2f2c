"""A detector at work: the benchmark's scores to the last bit, whatever is cut, killed or spoilt."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
import soundfile

from harness.analysis.ensembles import with_ensembles
from harness.analysis.summary import summarise
from harness.applying.bundle import write_bundle
from harness.applying.detecting import Rules, detect
from harness.applying.detector import Decision
from harness.applying.keeping import keep
from harness.applying.listening import Order, listen
from harness.applying.wishes import Wish
from harness.errors import DatasetError, StoreError
from harness.planning.plan import make_plan
from harness.reporting.exports.detections import KINDS, stems
from harness.reporting.exports.findings import write_findings
from harness.statistics.ensembles import average as average_of
from harness.statistics.events import Joining
from harness.values import Recording
from plugins.datasets.annotated import Annotated
from plugins.datasets.soundscape_writing import write_soundscape
from tests.harness.applying.conftest import session_at

RATE = 2000


@pytest.fixture(scope="session")
def recordings(root, made_run, plugins) -> Path:
    """The recordings that the run was made on, as files."""
    spec = make_plan(made_run.plan().choices(), plugins.catalogue.is_improvement).dataset
    write_soundscape(plugins.catalogue.build("dataset", spec), root / "recordings")
    return root / "recordings"


@pytest.fixture(scope="session")
def sight(root, keep_cell) -> Path:
    """A detector that learnt from the training side alone."""
    write_bundle(root / "side.sight", keep_cell(training_side=True))
    return root / "side.sight"


@pytest.fixture
def put_to_work(root, sight, plugins, tmp_path):
    """Give a function that applies it in this process."""

    def work(*paths: Path, detector: Path = sight, **order):
        with session_at(root) as session:
            asked = Order(detector, paths, tmp_path / "scores", **order)
            return listen(asked, plugins, session)

    return work


def scores_of(work) -> dict[tuple[str, float], np.ndarray]:
    """Give the scores of all windows by recording and beginning."""
    found = {}
    for heard in work.heard:
        scores, _ = heard.scores(2)
        hop_s = heard.recording.hop_s
        found |= {(heard.name, round(n * hop_s, 6)): row for n, row in enumerate(scores)}
    return found


def decision(threshold: float | None) -> Decision:
    return Decision("background", {} if threshold is None else {"upcall": threshold})


def detections(work, threshold: float | None = 0.5):
    detector = work.bundle.detector
    rules = Rules(decision(threshold), Joining())
    found = []
    for heard in work.heard:
        spacing = (heard.recording.window_s, heard.recording.hop_s)
        found += detect(detector, rules, heard.name, heard.scores(2)[0], spacing)
    return found


def test_scores_of_windows_are_those_of_the_benchmark_bit_for_bit(
    put_to_work, recordings, made_run
):
    table = made_run.predictions(made_run.records()[0].cell).side("holdout")
    found = scores_of(put_to_work(recordings))
    assert len(table.predictions.ids) > 10
    for id, expected in zip(table.predictions.ids, table.predictions.scores, strict=True):
        name, _, begin_s = id.rpartition("@")
        np.testing.assert_array_equal(found[name, float(begin_s)], expected)


@pytest.fixture(scope="session")
def average(root, plugins, made_run) -> Path:
    """An average of three cells, uneven, that learnt from the training side alone."""
    members = ("mel/pca-svm", "spectrogram+frequency-cropped/pca-svm", "mel/majority")
    run = with_ensembles(made_run, named=[f"average({', '.join((*members, members[0]))})"])
    row = next(r for r in summarise(run).rows if r.representation == run.ensembles[0].name)
    with session_at(root) as session:
        kept = keep(Wish(run, row, "named", training_side=True), plugins, session)
    write_bundle(root / "average.sight", kept)
    return root / "average.sight"


def test_windows_have_the_scores_of_the_benchmarks_ensemble_bit_for_bit(
    put_to_work, recordings, average, made_run
):
    tables = [
        made_run.predictions(record.cell).side("holdout").predictions
        for name in ("mel × pca-svm", "spectrogram+frequency-cropped × pca-svm", "mel × majority")
        for record in made_run.records()
        if f"{record.cell.representation} × {record.cell.classifier}" == name
    ]
    assert len(tables) == 3
    found = scores_of(put_to_work(recordings, detector=average))
    expected = average_of(np.stack([table.scores for table in tables]), (2, 1, 1))
    for id, scores in zip(tables[0].ids, expected, strict=True):
        name, _, begin_s = id.rpartition("@")
        np.testing.assert_array_equal(found[name, float(begin_s)], scores)


@pytest.mark.parametrize(("kind", "threshold"), [("sight", 0.5), ("average", 0.65)])
def test_a_recording_cut_in_two_gives_the_same_scores_and_detections(
    put_to_work, recordings, tmp_path, request, kind, threshold
):
    detector = request.getfixturevalue(kind)
    whole = sorted(recordings.glob("*.flac"))[0]
    samples, _ = soundfile.read(whole, dtype="int16")
    parts = tmp_path / "parts"
    parts.mkdir()
    soundfile.write(parts / "a.wav", samples[: 51 * RATE], RATE)
    soundfile.write(parts / "b.wav", samples[50 * RATE :], RATE)
    both, alone = (put_to_work(each, detector=detector) for each in (parts, whole))
    cut = {
        begin_s if name == "a.wav" else begin_s + 50: row
        for (name, begin_s), row in scores_of(both).items()
    }
    expected = {begin_s: row for (_, begin_s), row in scores_of(alone).items()}
    assert cut.keys() == expected.keys()
    for begin_s, row in expected.items():
        np.testing.assert_array_equal(cut[begin_s], row)

    def away(each, shift_s: float):
        return (each.start_s + shift_s, each.end_s + shift_s, each.label, each.score)

    first = [away(each, 0) for each in detections(both, threshold) if each.recording == "a.wav"]
    second = [away(each, 50) for each in detections(both, threshold) if each.recording == "b.wav"]
    one = [away(each, 0) for each in detections(alone, threshold)]
    # What neither touches nor crosses the cut is found just the same.
    for side, near in ((first, 49), (second, 53)):
        kept = [each for each in side if (each[1] < near if side is first else each[0] > near)]
        want = [e for e in one if (e[1] < near if side is first else e[0] > near)]
        assert kept == want
        assert kept


def test_at_work_again_nothing_is_listened_to(put_to_work, recordings, monkeypatch):
    first = put_to_work(recordings)
    from harness.applying import listening

    def listens(task):
        raise AssertionError("it listened")

    monkeypatch.setattr(listening, "score_block", listens)
    assert detections(put_to_work(recordings), 0.3) == detections(first, 0.3)


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied", "removed"])
def test_scores_that_are_damaged_are_made_again(put_to_work, recordings, damage):
    whole = sorted(recordings.glob("*.flac"))[0]
    work = put_to_work(whole)
    before = scores_of(work)
    (path,) = work.heard[0].blocks
    data = path.read_bytes()
    if damage == "removed":
        path.unlink()
    else:
        changed = data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]
        path.write_bytes({"cut": data[:-9], "changed": changed, "emptied": b""}[damage])
    with pytest.raises(StoreError, match="damaged or gone"):
        work.heard[0].scores(2)
    after = scores_of(put_to_work(whole))
    for key, row in before.items():
        np.testing.assert_array_equal(after[key], row)


def test_a_recording_that_changed_is_heard_anew(put_to_work, recordings, tmp_path):
    samples, _ = soundfile.read(sorted(recordings.glob("*.flac"))[0], dtype="int16")
    path = tmp_path / "one.wav"
    soundfile.write(path, samples, RATE)
    before = scores_of(put_to_work(path))
    soundfile.write(path, samples[::-1], RATE)
    after = scores_of(put_to_work(path))
    assert any((after[key] != row).any() for key, row in before.items())


def test_bad_recordings_are_named_and_the_rest_is_heard(put_to_work, recordings, tmp_path):
    place = tmp_path / "mixed"
    place.mkdir()
    samples, _ = soundfile.read(sorted(recordings.glob("*.flac"))[0], dtype="int16")
    samples = samples[: 20 * RATE]
    soundfile.write(place / "sound.wav", samples, RATE)
    soundfile.write(place / "short.wav", samples[:RATE], RATE)
    soundfile.write(place / "higher.wav", np.repeat(samples, 2), 2 * RATE)
    soundfile.write(place / "two.wav", np.stack([samples, samples], 1), RATE)
    (place / "text.wav").write_text("no sound at all")
    (place / "empty.flac").write_bytes(b"")
    data = (place / "sound.wav").read_bytes()
    (place / "cut.wav").write_bytes(data[: len(data) // 2])
    (place / "notes.txt").write_text("passed over")
    work = put_to_work(place)
    by_name = {heard.name: heard for heard in work.heard}
    assert {n for n, h in by_name.items() if h.recording.fault} == {"text.wav", "empty.flac"}
    assert "shorter" in by_name["short.wav"].recording.note
    for name in ("sound.wav", "higher.wav", "two.wav", "cut.wav"):
        scores, unread = by_name[name].scores(2)
        assert np.isfinite(scores).all()
        assert unread == []
    mixed, _ = by_name["two.wav"].scores(2)
    np.testing.assert_array_equal(mixed, by_name["sound.wav"].scores(2)[0])
    findings = write_findings(tmp_path / "out", work, rules_of(work), ["raven"])
    assert not findings.whole
    assert {each["recording"] for each in findings.about if each["fault"]} == {
        "text.wav", "empty.flac",
    }  # fmt: skip


def rules_of(work, threshold: float = 0.5) -> Rules:
    return Rules(decision(threshold), Joining())


def test_windows_that_cannot_be_read_are_said_and_the_others_scored(
    put_to_work, recordings, monkeypatch
):
    from harness import BadClip, UnlabelledDataset
    from plugins.datasets.unlabelled import Unlabelled

    listen_to = Unlabelled.listen

    def failing(self, name, number):
        if 5 <= number <= 7:
            raise BadClip("is damaged there")
        return listen_to(self, name, number)

    monkeypatch.setattr(Unlabelled, "listen", failing)
    monkeypatch.setattr(Unlabelled, "listen_on", UnlabelledDataset.listen_on)
    (heard,) = put_to_work(sorted(recordings.glob("*.flac"))[0]).heard
    scores, unread = heard.scores(2)
    assert [(each.first, each.last, each.why) for each in unread] == [(5, 7, "is damaged there")]
    assert np.isnan(scores[5:8]).all()
    assert np.isfinite(np.delete(scores, [5, 6, 7], axis=0)).all()


def test_a_detector_that_draws_otherwise_here_is_refused(put_to_work, recordings, bundle, tmp_path):
    first, *rest = bundle.probes.probes
    other = dataclasses.replace(first, seen=("0" * 32,))
    probes = dataclasses.replace(bundle.probes, probes=(other, *rest))
    write_bundle(tmp_path / "other.sight", dataclasses.replace(bundle, probes=probes))
    with pytest.raises(StoreError, match="draws its clip"):
        put_to_work(recordings, detector=tmp_path / "other.sight")
    assert not (tmp_path / "scores").exists()
    put_to_work(recordings, detector=tmp_path / "other.sight", tolerance=1e-6)
    (learnt,) = bundle.learnt
    name = "probabilities.after.offsets"
    arrays = {**learnt.arrays, name: learnt.arrays[name] + 0.01}
    changed = dataclasses.replace(bundle, learnt=(dataclasses.replace(learnt, arrays=arrays),))
    write_bundle(tmp_path / "changed.sight", changed)
    with pytest.raises(StoreError, match="probabilities differ"):
        put_to_work(recordings, detector=tmp_path / "changed.sight")


def test_numbers_that_do_not_fit_together_are_told(put_to_work, recordings, bundle, tmp_path):
    (learnt,) = bundle.learnt
    for name, array in learnt.arrays.items():
        arrays = {**learnt.arrays, name: array[:-1]}
        odd = dataclasses.replace(bundle, learnt=(dataclasses.replace(learnt, arrays=arrays),))
        write_bundle(tmp_path / "odd.sight", odd)
        with pytest.raises(StoreError, match=r"made again|not put to work"):
            put_to_work(recordings, detector=tmp_path / "odd.sight")


def test_two_recordings_of_one_name_are_refused(put_to_work, recordings, tmp_path):
    path = sorted(recordings.glob("*.flac"))[0]
    (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(DatasetError, match="several recordings"):
        put_to_work(path, tmp_path / path.name)


def test_tables_say_the_same_and_open_again(put_to_work, recordings, tmp_path):
    work = put_to_work(recordings)
    out = tmp_path / "out"
    findings = write_findings(out, work, rules_of(work, 0.4), KINDS)
    found = findings.detections
    assert found
    rows = list(csv.DictReader((out / "detections.csv").open()))
    assert [float(row["score"]) for row in rows] == [each.score for each in found]
    table = parquet.read_table(out / "detections.parquet").to_pydict()
    assert table["begin_s"] == [each.start_s for each in found]
    assert table["recording"] == [each.recording for each in found]
    windows = parquet.read_table(out / "windows.parquet").to_pydict()
    assert len(windows["begin_s"]) == sum(heard.recording.windows for heard in work.heard)
    np.testing.assert_array_equal(
        windows["score upcall"], np.concatenate([h.scores(2)[0][:, 1] for h in work.heard])
    )
    hours = list(csv.DictReader((out / "hours.csv").open()))
    assert sum(int(row["detections upcall"]) for row in hours) == len(found)
    assert json.loads((out / "detections.json").read_text())["detector"] == work.bundle.digest
    labels = [
        line.split("\t")
        for p in sorted(out.glob("audacity/*.txt"))
        for line in p.read_text().splitlines()
    ]
    assert [float(line[0]) for line in labels] == [each.start_s for each in found]


def test_sheets_show_the_surest_and_the_least_sure(put_to_work, recordings, tmp_path, monkeypatch):
    from harness.reporting.sheets import detections as sheets

    work = put_to_work(recordings)
    found = detections(work, 0.4)
    assert len(found) > 6
    drawn = []

    def noted(entries, pictures):
        drawn.append((entries, *pictures.values()))
        return draw_sheet(entries, pictures)

    draw_sheet = sheets.draw_sheet
    monkeypatch.setattr(sheets, "draw_sheet", noted)
    paths = sheets.write_sheets(tmp_path, work, found, 3)
    assert [path.name for path in paths] == ["surest.png", "least-sure.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
    scores = sorted((each.score for each in found), reverse=True)
    for (entries, pictures), wanted in zip(drawn, (scores[:3], scores[::-1][:3]), strict=True):
        assert [float(entry.label.split()[-1]) for entry in entries] == pytest.approx(
            wanted, abs=5e-4
        )
        assert {picture.shape for picture in pictures} == {(64, 64, 3)}
    surest = max(found, key=lambda each: each.score)
    (own,) = [heard for heard in work.heard if heard.name == surest.recording]
    clip = own.dataset.listen(surest.recording, surest.best)
    (seen,) = work.kept.scorer()[1].see([clip])
    np.testing.assert_array_equal(drawn[0][1][0], seen.pixels[0])
    assert sheets.write_sheets(tmp_path / "none", work, [], 3) == []


def test_raven_tables_are_read_by_annotated_and_crowsetta(put_to_work, recordings, tmp_path):
    crowsetta = pytest.importorskip("crowsetta")
    work = put_to_work(recordings)
    found = write_findings(tmp_path / "out", work, rules_of(work, 0.4), ["raven"]).detections
    read = Annotated(path=str(recordings), labels=str(tmp_path / "out" / "raven")).marked()
    for name, selections in read.items():
        own = [each for each in found if each.recording == name]
        assert selections.start_s.tolist() == [each.start_s for each in own]
        assert selections.end_s.tolist() == [each.end_s for each in own]
        assert list(selections.labels) == ["upcall"] * len(own)
    times = []
    for path in sorted((tmp_path / "out").glob("raven/*.selections.txt")):
        raven = crowsetta.formats.by_name("raven").from_file(path, annot_col="Annotation")
        times += [each.onset for each in raven.to_bbox()]
    assert times == [each.start_s for each in found]


def test_tables_of_any_name_lie_inside_the_folder():
    names = ["../../up.flac", "/etc/x.flac", "a/b.flac", "a/b.wav", "C:\\x.wav", "..", "a\n.wav"]
    named = stems(names)
    assert len(set(named.values())) == len(names)
    for stem in named.values():
        assert ".." not in Path(stem).parts
        assert not stem.startswith("/")
        assert stem.isprintable()
    assert stems(["a/b.flac", "c.flac"]) == {"a/b.flac": "a/b", "c.flac": "c"}


@pytest.mark.parametrize(("threshold", "expected"), [(None, [1, 3]), (0.3, [0, 1, 3]), (0.8, [3])])
def test_windows_are_detected_by_threshold_or_as_the_most_probable(bundle, threshold, expected):
    calls = np.array([0.4, 0.6, 0.1, 0.9, np.nan])
    scores = np.stack([1 - calls, calls], axis=1)
    rules = Rules(decision(threshold), Joining())
    found = detect(bundle.detector, rules, "a", scores, (1.0, 5.0))
    assert [each.best for each in found] == expected
    assert [each.start_s for each in found] == [5.0 * row for row in expected]
    neighbours = detect(bundle.detector, rules, "a", scores, (1.0, 1.0))
    assert len(neighbours) == len({row - place for place, row in enumerate(expected)})


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "harness", "apply", *words, "-j", "1"]
    surroundings = os.environ | {"SIGHTBENCH_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def outputs(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "scores" not in path.parts
    }


def test_killed_in_the_middle_it_goes_on_to_the_same_output(tmp_path, sight, recordings):
    words = (str(sight), str(recordings), "--hop", "0.05", "--threshold", "0.4")
    killed = start(tmp_path, *words, "-o", "killed")
    wanted = 9
    deadline = time.monotonic() + 120
    while (
        killed.poll() is None
        and time.monotonic() < deadline
        and len(list(tmp_path.glob("killed/scores/*/*.scores"))) < 1
    ):
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    _, said = killed.communicate(timeout=60)
    done = len(list(tmp_path.glob("killed/scores/*/*.scores")))
    assert 1 <= done < wanted, said.decode()
    assert not (tmp_path / "killed" / "detections.csv").exists()
    for folder in ("killed", "whole"):
        _, said = start(tmp_path, *words, "-o", folder).communicate(timeout=240)
        assert (tmp_path / folder / "detections.csv").exists(), said.decode()
    assert len(list(tmp_path.glob("whole/scores/*/*.scores"))) == wanted
    assert outputs(tmp_path / "killed") == outputs(tmp_path / "whole")
    assert len(outputs(tmp_path / "whole")["detections.csv"].splitlines()) > 3


def test_recordings_are_described_without_being_decoded(put_to_work, recordings, plugins):
    (heard, *_) = put_to_work(recordings).heard
    assert heard.recording == Recording(heard.name, 120.0, 119, 2.0, 1.0)
