"""Clips that two cells judge differently: counts, lists, pictures drawn again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from harness.analysis.disagreement import Disagreement, find_disagreement
from harness.analysis.redrawing import Redrawing
from harness.analysis.summary import Summary, summarise
from harness.cli.dispatch import dispatch
from harness.errors import DatasetError, SightbenchError, StoreError
from harness.files.documents import write_document
from harness.pictures.gallery import Gallery
from harness.registry.discovery import Plugins
from harness.reporting.exports.disagreement import to_json
from harness.reporting.sheets.axes import LEFT_PX, TOP_PX
from harness.reporting.sheets.disagreement import GAP_PX, write_pictures
from harness.results.store import Run

LABELS = "<script>alert(1)</script>,[red]x"


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, run_in: Callable[[Path], Any]
) -> tuple[Run, Path]:
    """Return a run of two representations, and the folder of its results and cache."""
    root = tmp_path_factory.mktemp("disagreement")
    run, records, _ = run_in(root)(
        dataset=f"tones[labels='{LABELS}']",
        representations=["levels", "spectrogram"],
        classifiers=["nearest-mean", "majority"],
        picture_height=56,
        picture_width=56,
    )
    assert {record.status for record in records} == {"ok"}
    return run, root


@pytest.fixture(scope="module")
def summary(finished: tuple[Run, Path]) -> Summary:
    return summarise(finished[0])


@pytest.fixture(scope="module")
def found(summary: Summary) -> Disagreement:
    first, second = (summary.row(name, "nearest-mean") for name in ("levels", "spectrogram"))
    assert first is not None
    assert second is not None
    return find_disagreement(summary.run, first, second)


def test_every_clip_is_in_one_kind(found: Disagreement) -> None:
    tables = [found.run.predictions(r.cell).side("holdout") for r in (found.first, found.second)]
    right = [np.array(t.true) == np.array(t.predictions.labels) for t in tables]
    assert len(found.agreement.both) == (right[0] & right[1]).sum()
    assert len(found.only_first) == (right[0] & ~right[1]).sum()
    assert len(found.only_second) == (~right[0] & right[1]).sum()
    assert len(found.neither) == (~right[0] & ~right[1]).sum()
    assert found.agreement.oracle == (right[0] | right[1]).mean()
    said = [list(table.predictions.labels) for table in tables]
    assert found.agreement.kappa == pytest.approx(cohen_kappa_score(*said))
    assert found.only_first or found.only_second or found.neither


def test_the_surest_mistakes_come_first(found: Disagreement) -> None:
    for _, clips in found.sections():
        sure = [
            np.mean([a.score for a in (clip.first, clip.second) if not a.right]) for clip in clips
        ]
        assert sure == sorted(sure, reverse=True)


def test_json_has_every_clip(found: Disagreement) -> None:
    plain = json.loads(json.dumps(to_json(found), allow_nan=False))
    lists = [plain[f"{who}_right"] for who in ("only_first", "only_second", "neither")]
    assert plain["both_right"] + sum(map(len, lists)) == plain["clips"]
    assert {clip["label"] for clips in lists for clip in clips} <= set(LABELS.split(","))


def test_a_cell_does_not_disagree_with_itself_or_on_a_split_that_is_not(summary: Summary) -> None:
    first, second = summary.rows[:2]
    with pytest.raises(StoreError, match="itself"):
        find_disagreement(summary.run, first, first)
    with pytest.raises(StoreError, match="no such split"):
        find_disagreement(summary.run, first, second, split=3)


def test_pictures_are_the_same_from_cache_and_dataset(
    finished: tuple[Run, Path], plugins: Plugins, tmp_path: Path
) -> None:
    run, root = finished
    ids = run.split(0).holdout[:3]
    cached = Redrawing(run, plugins, Gallery(root / "cache"))
    anew = Redrawing(run, plugins, Gallery(tmp_path / "empty"))
    for name in ("levels", "spectrogram"):
        for a, b in zip(cached.draw(name, ids), anew.draw(name, ids), strict=True):
            np.testing.assert_array_equal(a, b)
    assert cached._dataset is None  # the cache was enough


def test_pictures_lie_side_by_side_the_first_left(
    finished: tuple[Run, Path], found: Disagreement, plugins: Plugins, tmp_path: Path
) -> None:
    run, root = finished
    source = Redrawing(run, plugins, Gallery(root / "cache"))
    paths = write_pictures(tmp_path / "out", found, 2, source)
    clips = [clip for _, clips in found.sections() for clip in clips[:2]]
    assert len(paths) == len(clips)
    for path, clip in zip(paths, clips, strict=True):
        pixels = cv2.imread(str(path))[..., ::-1]
        (left,), (right,) = (source.draw(name, [clip.id]) for name in ("levels", "spectrogram"))
        begin = LEFT_PX + 56 + TOP_PX + GAP_PX  # of the right one, which has axes as the left one
        rows = slice(TOP_PX, TOP_PX + 56)
        np.testing.assert_array_equal(pixels[rows, LEFT_PX : LEFT_PX + 56], left)
        np.testing.assert_array_equal(pixels[rows, begin + LEFT_PX :][:, :56], right)
        assert (pixels[rows, :LEFT_PX] < 128).any(), "labels of the left axis"
        assert path.parent == tmp_path / "out"
    assert (tmp_path / "out" / "contact-sheet.png").stat().st_size > 0


def test_other_samples_are_not_passed_off_as_those_of_the_run(
    finished: tuple[Run, Path], plugins: Plugins, tmp_path: Path
) -> None:
    run, _ = finished
    copy = Run(tmp_path / "runs" / "copy")
    copy.folder.mkdir(parents=True)
    write_document(
        copy.folder / "plan.json", replace(run.plan(), dataset=f"tones[labels='{LABELS}',seed=1]")
    )
    (copy.folder / "clips.csv").write_bytes((run.folder / "clips.csv").read_bytes())
    source = Redrawing(copy, plugins, Gallery(tmp_path / "empty"))
    with pytest.raises(DatasetError, match="other samples"):
        source.draw("levels", run.split(0).holdout[:1])


def test_a_missing_dataset_is_a_clear_error(
    finished: tuple[Run, Path], plugins: Plugins, tmp_path: Path
) -> None:
    run, _ = finished
    copy = Run(tmp_path / "runs" / "copy")
    copy.folder.mkdir(parents=True)
    gone = tmp_path / "gone"
    write_document(
        copy.folder / "plan.json", replace(run.plan(), dataset=f"labelled-folder[path={gone}]")
    )
    (copy.folder / "clips.csv").write_bytes((run.folder / "clips.csv").read_bytes())
    source = Redrawing(copy, plugins, Gallery(tmp_path / "empty"))
    with pytest.raises(SightbenchError, match="gone"):
        source.draw("levels", run.split(0).holdout[:1])


def test_the_verb(
    finished: tuple[Run, Path], tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, root = finished
    here = ["--results", str(root / "results"), "--cache", str(tmp_path), "--plugin", str(tones)]
    cells = ["levels/nearest-mean", "levels/majority"]
    out = tmp_path / "out"
    assert dispatch(["disagree", *cells, "--list", "2", "--pictures", str(out), *here]) == 0
    told = capsys.readouterr()
    assert "would reach" in told.out
    assert "[red]x" in told.out
    written = sorted(path.name for path in out.iterdir())
    assert f"{len(written) - 1} pictures" in told.err
    assert dispatch(["disagree", *cells, "--format", "json", *here]) == 0
    assert json.loads(capsys.readouterr().out)["first"] == "levels × nearest-mean"
    assert dispatch(["disagree", "levels/nearest-men", "levels/majority", *here]) == 2
    assert "Did you mean 'levels/nearest-mean'" in capsys.readouterr().err
