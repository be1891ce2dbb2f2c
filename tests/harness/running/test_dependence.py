"""Figures depend on what they say they depend on: each input in turn is changed, or what is none.

Every case is a start of its own on copies of one first start's results and cache: a change of an
input must make the figure anew (and draw just the pictures that it touches), and nothing else must.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from harness.pictures import keys
from harness.pictures.gallery import Gallery
from harness.planning.plan import make_plan
from harness.registry.discovery import load
from harness.registry.resolution import resolve
from harness.running.cells import run_cells
from harness.running.drawing import draw
from harness.running.options import Options, Session
from harness.running.preparation import prepare
from harness.running.workers import open_workers
from harness.sources import libraries
from tests.conftest import TONES, Silent

CLIPS = 36
MODULE = "stranger_gain"
"""A module of the person's own that the plugin file imports."""

PLUGINS = '''
from pathlib import Path

import numpy as np

import stranger_gain
from harness import Axis, Classifier, Clip, Dataset, Entry, Predictions, Raster, Representation
from harness import parameter

class Tapes(Dataset):
    """Clips as they lie in a folder, listed in a table."""

    name = "tapes"
    path: str = parameter("", "the folder")

    def entries(self):
        lines = (Path(self.path) / "clips.csv").read_text().splitlines()
        rows = [line.split(",") for line in lines]
        return [Entry(id, label, group=group) for id, label, group in rows]

    def read(self, entry):
        samples = np.frombuffer((Path(self.path) / entry.id).read_bytes(), np.uint8)
        return Clip(entry.id, samples[None].astype(np.float32) / 255, 1000.0, entry.label)

class Weighted(Representation):
    """Samples weighted by a file, and by a module."""

    name = "weighted"
    version = "1"
    axes = ("level", "time")
    weights: str = parameter("", "a file with a number")

    def raster(self, signals):
        weight = float(Path(self.weights).read_text()) * stranger_gain.GAIN
        values = signals.samples[:, :, ::2] * np.float32(weight)
        axis = Axis("time", "s", np.arange(float(values.shape[2])))
        return Raster(values, Axis("level", "", np.zeros(1)), axis, "db")

class Mean(Classifier):
    """The mean of each class."""

    name = "mean"
    version = "1"

    def features(self, pictures):
        return pictures.pixels[:, ::7, ::7, 1].reshape(len(pictures), -1).astype(np.float32)

    def fit(self, features, labels, rng):
        self_classes = tuple(sorted(set(labels.tolist())))
        means = [features.values[labels == name].mean(axis=0) for name in self_classes]
        return Means(self_classes, np.stack(means))

class Means:
    def __init__(self, classes, means):
        self.classes, self.means = classes, means

    def predict(self, features):
        far = np.linalg.norm(features.values[:, None] - self.means[None], axis=2)
        near = np.exp(-(far - far.min(axis=1, keepdims=True)))
        shares = near / near.sum(axis=1, keepdims=True)
        return Predictions.from_scores(features.ids, self.classes, shares)

plugins = [Tapes, Weighted, Mean]
'''


class Place:
    """A person's files, results and cache, and how to start there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def begin(self) -> None:
        """Write the clips, their table, the plugin file and all that it uses."""
        rng = np.random.default_rng(0)
        self.clips.mkdir(parents=True)
        for number in range(CLIPS):
            tone = 127 * np.sin(np.arange(200) / (4 + number % 2)) + rng.normal(0, 20, 200)
            self.clip(number).write_bytes((tone / 2 + 128).clip(0, 255).astype(np.uint8))
        self.table.write_text("\n".join(self.row(number) for number in range(CLIPS)))
        self.plugins.write_text(PLUGINS)
        self.weights.write_text("2.0")
        self.module.write_text("GAIN = 1.0\n")

    def row(self, number: int) -> str:
        return f"{number}.clip,{('low', 'high')[number % 2]},tape-{number // 6}"

    def clip(self, number: int) -> Path:
        return self.clips / f"{number}.clip"

    @property
    def clips(self) -> Path:
        return self.root / "clips"

    @property
    def table(self) -> Path:
        return self.clips / "clips.csv"

    @property
    def plugins(self) -> Path:
        return self.root / "plugins.py"

    @property
    def weights(self) -> Path:
        return self.root / "weights.txt"

    @property
    def module(self) -> Path:
        return self.root / "modules" / f"{MODULE}.py"

    def start(
        self, jobs: int = 1, cache: str = "cache", fresh: bool = False, **choices: object
    ) -> tuple[int, int]:
        """Run the plan in processes of its own; return pictures drawn and figures made."""
        found = load([self.plugins, TONES])
        chosen = {
            "dataset": f"tapes[path='{self.clips}']",
            "representations": [f"weighted[weights='{self.weights}']"],
            "classifiers": ["mean"],
            "folds": 2,
            "split": "grouped",
            "picture_height": 28,
            "picture_width": 28,
            **choices,
        }
        plan = make_plan(chosen, found.catalogue.is_improvement)
        options = Options(self.root / "results", Gallery(self.root / cache), jobs, fresh=fresh)
        silent = Silent()
        with open_workers(jobs) as workers:
            session = Session(options, workers, silent, found.hook)
            ready = prepare(resolve(plan, found), session)
            albums = draw(ready, session)
            records = list(run_cells(ready, albums, session))
        assert {record.status for record in records} <= {"ok"}
        return silent.drawn, len(records)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a first start: it is copied, and put in its own place again."""
    root = tmp_path_factory.mktemp("person") / "home"
    (root / "modules").mkdir(parents=True)
    place = Place(root)
    place.begin()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root / "modules"))
        assert place.start() == (CLIPS, 1)
    shutil.copytree(root, root.parent / "kept")
    return root


@pytest.fixture
def place(first: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Give the first start's folder as it was left by it."""
    shutil.rmtree(first)
    shutil.copytree(first.parent / "kept", first)
    monkeypatch.syspath_prepend(str(first / "modules"))
    return Place(first)


def a_byte_of_a_clip(place: Place, _: pytest.MonkeyPatch) -> None:
    data = bytearray(place.clip(5).read_bytes())
    data[100] ^= 1
    place.clip(5).write_bytes(data)


def a_label(place: Place, _: pytest.MonkeyPatch) -> None:
    text = place.table.read_text()
    place.table.write_text(text.replace("0.clip,low", "0.clip,high", 1))


def a_group(place: Place, _: pytest.MonkeyPatch) -> None:
    text = place.table.read_text()
    place.table.write_text(text.replace("tape-0", "tape-zero", 1))


def the_file_of_a_parameter(place: Place, _: pytest.MonkeyPatch) -> None:
    place.weights.write_text("3.0")


def an_imported_module(place: Place, _: pytest.MonkeyPatch) -> None:
    place.module.write_text("GAIN = 1.5\n")


def a_librarys_version(_: Place, patch: pytest.MonkeyPatch) -> None:
    real = libraries.installed_version
    patch.setattr(libraries, "installed_version", lambda n: "99.0" if n == "numpy" else real(n))


def our_own_drawing(_: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(keys, "_own_source", lambda: "another source")


def the_version_of_the_representation(place: Place, _: pytest.MonkeyPatch) -> None:
    place.plugins.write_text(place.plugins.read_text().replace('version = "1"', 'version = "2"', 1))


def the_source_of_the_classifier(place: Place, _: pytest.MonkeyPatch) -> None:
    place.plugins.write_text(PLUGINS.replace("np.exp(-(", "np.exp(-2 * ("))


@pytest.mark.parametrize(
    ("change", "drawn"),
    [
        (a_byte_of_a_clip, 1),
        (a_label, 0),
        (a_group, 0),
        (the_file_of_a_parameter, CLIPS),
        (an_imported_module, CLIPS),
        (a_librarys_version, CLIPS),
        (our_own_drawing, CLIPS),
        (the_version_of_the_representation, CLIPS),
        # All plugins of a file are one source.
        (the_source_of_the_classifier, CLIPS),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_change_makes_the_figure_anew(place, monkeypatch, change, drawn):
    change(place, monkeypatch)
    assert place.start() == (drawn, 1)


@pytest.mark.parametrize(
    "choices",
    [
        {"seed": 1},
        {"folds": 3},
        {"picture_width": 30},
        {"classifiers": ["nearest-mean"]},
        {"split": "stratified"},
    ],
    ids=str,
)
def test_another_choice_is_another_figure(place, choices):
    drawn, made = place.start(**choices)
    assert (drawn, made) == (CLIPS if "picture_width" in choices else 0, 1)


@pytest.mark.parametrize(
    "choices",
    [{}, {"note": "another thought"}, {"jobs": 2}, {"cache": "elsewhere"}],
    ids=str,
)
def test_what_must_not_matter_does_not(place, choices):
    assert place.start(**choices)[1] == 0


def test_the_order_of_representations_does_not_matter(place):
    ways = [f"weighted[weights='{place.weights}']", "levels"]
    assert place.start(representations=ways) == (CLIPS, 1)
    assert place.start(representations=ways[::-1]) == (0, 0)


def test_a_file_that_is_only_touched_changes_nothing(place):
    for path in (place.weights, place.module, place.table, place.clip(0)):
        path.touch()
    assert place.start() == (0, 0)


def test_fresh_makes_all_anew(place):
    assert place.start(fresh=True) == (CLIPS, 1)
