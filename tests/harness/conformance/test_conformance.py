"""Each check catches a plugin that was broken for it, and passes one that was not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from harness import Estimate, Plot, RemoteClassifier, Signals
from harness.conformance import (
    ALL,
    Outcome,
    Subject,
    checks_of,
    elsewhere,
    examine,
    examples,
    marking,
    run_check,
    store_output,
)
from harness.contracts import Plugin
from harness.errors import ConformanceError
from harness.planning.specs import Spec
from harness.registry.discovery import load
from harness.scaffolding.files import write_file
from harness.sources.kinds import KINDS

Make = Callable[..., Plugin]

RETURN = "return Raster(values, raster.rows, raster.columns, raster.scale)"
FLOOR = "        floor ="
AXIS = "type(raster.rows)"
POINTS = "raster.rows.name, raster.rows.unit, raster.rows.points"

YIELD = "            yield processes"
ODD = """
            from concurrent.futures import Future
            from harness import Lost

            class Odd:
                size, machines, tend, first = 2, 0, processes.tend, None

                def submit(self, parcel, timeout_s=None):
                    self.first = {}
                    return self.first

                def gone(self, machine=False):
                    future = Future()
                    future.set_result(Lost("SIGKILL", machine))
                    return future

            yield Odd()
"""

LISTED = 'return [Entry(id=f"tone {number}", label=labels[number % 2]) for number in numbers]'
MARKED = """from harness import Entry as At
        def spanned(number):
            span = ("night.wav", 2.0 * number, 2.0 * number + 2)
            label = labels[number % 2]
            return At(id=f"tone {number}", label=label, span=span, stands_for_s=2.0)
        return [spanned(number) for number in numbers]

    def selections(self, entries):
        from harness import Selection
        marked = [e for e in entries if e.label == "wavering" and e.span]
        return [Selection(e.span[0], e.span[1] + 0.5, e.span[1] + 1, e.label) for e in marked]
"""
"""The dataset of the template with clips that are windows of one recording, half of them marked."""


def marked(old: str, new: str) -> str:
    assert old in MARKED
    return MARKED.replace(old, new)


BROKEN = [
    ("improvement", "describes-itself", '"share of a row that counts as usual"', '""'),
    (
        "improvement", "written-form", "    def improve(",
        "    def __post_init__(self) -> None:\n"
        "        super().__post_init__()\n"
        "        object.__setattr__(self, 'quantile', self.quantile / 2)\n\n    def improve(",
    ),
    (
        "improvement", "checks-its-parameters", "    def improve(",
        "    def __post_init__(self) -> None:\n        pass\n\n    def improve(",
    ),
    ("improvement", "shape", "Raster(values,", "Raster(values[:1],"),
    ("improvement", "axes", "(values, raster.rows,", f"(values, {AXIS}({POINTS}[::-1]),"),
    ("representation", "axes", '("frequency", "time")', '("time", "frequency")'),
    ("improvement", "finite", RETURN, RETURN.replace("(values", "(values * np.nan")),
    ("improvement", "input-unchanged", FLOOR, "        raster.values.base[:] = 0\n" + FLOOR),
    (
        "representation", "input-unchanged", "        clips, ch",
        "        signals.samples.base[:] = 0\n        clips, ch",
    ),
    (
        "improvement", "silence", RETURN,
        RETURN.replace("(values", "(values / values.max(axis=(1, 2), keepdims=True)"),
    ),
    (
        "improvement", "clipping", FLOOR,
        "        if raster.values.max() > 1e8:\n            raise ValueError('too loud')\n" + FLOOR,
    ),
    (
        "improvement", "one-sample", FLOOR,
        "        if raster.values.shape[2] < 2:\n            raise IndexError('few')\n" + FLOOR,
    ),
    (
        "improvement", "very-short", FLOOR,
        "        if raster.values.shape[2] < 2:\n            raise IndexError('few')\n" + FLOOR,
    ),
    (
        "improvement", "very-long", FLOOR,
        "        if raster.values.shape[2] > 1000:\n            raise MemoryError()\n" + FLOOR,
    ),
    (
        "improvement", "other-rates", FLOOR,
        "        if raster.values.shape[1] > 1000:\n            raise ValueError('many')\n" + FLOOR,
    ),
    (
        "improvement", "channels", RETURN,
        f"return Raster(values[:, :129], {AXIS}({POINTS}[:129]), raster.columns, 'power')",
    ),
    ("improvement", "batch-size", RETURN, RETURN.replace("(values", "(values * len(values)")),
    (
        "improvement", "one-clip-only", RETURN,
        RETURN.replace("(values", "(values + values.max(axis=0, keepdims=True)"),
    ),
    ("improvement", "repeatable", RETURN, RETURN.replace("(values", "(values + np.random.rand()")),
    (
        "improvement", "refuses-clearly", FLOOR,
        "        if raster.scale == 'db':\n            raise KeyError(raster.scale)\n" + FLOOR,
    ),
    (
        "improvement", "refuses-clearly", FLOOR,
        "        if self.quantile == 1:\n            raise type('E', (Exception,), {})\n" + FLOOR,
    ),
    (
        "improvement", "new-process", RETURN,
        RETURN.replace("(values", "(values + hash('a') % 10**6"),
    ),
    ("improvement", "leaves-nothing-behind", FLOOR, "        open('left', 'w').close()\n" + FLOOR),
    ("engine", "tasks-come-back", YIELD, ODD.format("self.first or processes.submit(parcel)")),
    ("engine", "loses-no-other", YIELD, ODD.format("self.gone(machine=True)")),
    ("engine", "raises-what-a-task-raised", YIELD, ODD.format("self.gone()")),
    (
        "engine", "ends-what-is-left",
        "with open_processes(jobs, workplace.scratch) as processes:\n" + YIELD,
        "KEPT.append(open_processes(jobs))\n        yield KEPT[-1].__enter__()\n\n\nKEPT = []",
    ),
    ("classifier", "predictions", "(features.ids,", "(features.ids[::-1],"),
    ("classifier", "predictions", "self.classes, scores)", "self.classes[::-1], scores)"),
    ("classifier", "probabilities", "self.classes, scores)", "self.classes, scores / 2)"),
    ("classifier", "same-seed", ", means)", ", means + np.random.rand(*means.shape))"),
    (
        "classifier", "resources", "    def fit(",
        "    def resources(self):\n        return 2\n\n    def fit(",
    ),
    (
        "classifier", "resources", ", means)",
        ", means + np.random.rand(*means.shape))\n\n    def resources(self):\n"
        "        from harness import Resources\n        return Resources(2)",
    ),
    ("classifier", "row-order", "= np.sqrt(", "= len(features) * np.sqrt("),
    ("classifier", "features-alone", "return coarse", "return (coarse - coarse.mean())"),
    (
        "classifier", "input-unchanged", "        nearness",
        "        features.values[:] = 0\n        nearness",
    ),
    ("classifier", "many-classes", "np.unique(labels)", "np.unique(labels)[:2]"),
    ("classifier", "one-class", "        means", "        classes[1]\n        means"),
    (
        "classifier", "unseen-label", "name in classes), means)",
        "name in classes) + ('class 2',), np.vstack([means, means.mean(axis=0)]))",
    ),
    ("classifier", "beats-chance", "return coarse", "return 0 * coarse"),
    (
        "classifier", "chance-on-shuffled-labels", "        scores =",
        "        nearness = np.array([[1e-9 + each.startswith(name) for name in self.classes]"
        " for each in features.ids])\n        scores =",
    ),
    (
        "classifier", "made-again", "    def predict(",
        "    def written(self):\n        from harness import Knowledge\n"
        "        return Knowledge({}, {})\n\n    def predict(",
    ),
    (
        "classifier", "can-be-stopped", "        classes = np",
        "        import time\n        try:\n            time.sleep(1)\n"
        "        except BaseException:\n            pass\n        classes = np",
    ),
    (
        "classifier", "leaves-nothing-behind", "        classes = np",
        "        import subprocess\n        subprocess.Popen(['sleep', '60'])\n"
        "        classes = np",
    ),
    ("dataset", "ids-unique", 'id=f"tone {number}"', 'id="tone"'),
    ("dataset", "ids-stable", "in numbers", "in np.random.permutation(numbers)"),
    ("dataset", "labels-for-all", "label=labels[number % 2]", "label=''"),
    ("dataset", "read-twice", "default_rng(known[entry.id])", "default_rng()"),
    ("dataset", "clips-match-their-entries", "entry.label, entry.group", "'other', entry.group"),
    ("dataset", "clips-are-sound", "0.1 * wave", "np.nan * wave"),
    ("dataset", "bad-clips-reported", "raise BadClip(f", "raise KeyError(f"),
    (
        "dataset", "bad-clips-reported", "            raise BadClip",
        "            return Clip('', np.ones((1, 1)), 1.0)\n            raise BadClip",
    ),
    (
        "dataset", "windows-lie-in-recordings", LISTED,
        marked("span=span,", "span=span if number else None,"),
    ),
    ("dataset", "windows-lie-in-recordings", LISTED, marked("number + 2)", "number - 2)")),
    ("dataset", "windows-lie-in-recordings", LISTED, marked("for_s=2.0", "for_s=0.0")),
    ("dataset", "selections-are-sound", LISTED, marked("e.span[1] + 1,", "e.span[1] + 0.4,")),
    ("dataset", "selections-are-sound", LISTED, marked("e.span[1] + 1,", "float('nan'),")),
    ("dataset", "selections-are-sound", LISTED, marked("e.span[1] + 0.5", "e.span[1] - 99")),
    ("dataset", "selections-are-sound", LISTED, marked("1, e.label", "1, 'upcall'")),
    ("dataset", "selections-are-sound", LISTED, marked("return [Selection(", "return [(")),
    ("dataset", "selections-lie-in-recordings", LISTED, marked("(e.span[0],", "('day.wav',")),
    (
        "dataset", "selections-lie-in-recordings", LISTED,
        marked("e.span[1] + 0.5, e.span[1] + 1,", "e.span[1] + 9999, e.span[1] + 10000,"),
    ),
    (
        "dataset", "selections-stable", LISTED,
        marked("return [Selection", "import random; random.shuffle(marked); return [Selection"),
    ),
]  # fmt: skip


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Give a function that makes a plugin of a template, broken or not."""
    before = set(sys.modules)

    def made(kind: str, old: str = "", new: str = "", **parameters: Any) -> Plugin:
        path = tmp_path / "odd_one.py"
        path.unlink(missing_ok=True)
        write_file(kind, "odd-one", tmp_path)
        source = path.read_text()
        assert old in source
        path.write_text(source.replace(old, new) if old else source)
        spec = Spec("odd-one", tuple(parameters.items()))
        return load([path]).catalogue.build(kind, spec)

    yield made
    for name in set(sys.modules) - before:
        if name.startswith("sightbench_local_"):
            del sys.modules[name]


def test_every_check_is_tried_on_a_broken_plugin() -> None:
    tried = {name for _, name, _, _ in BROKEN} | {"version", "estimate"}
    assert tried == {check.name for check in ALL}


@pytest.mark.parametrize(
    ("kind", "name", "old", "new"), BROKEN, ids=[f"{kind}-{name}" for kind, name, _, _ in BROKEN]
)
def test_a_broken_plugin_fails_its_check(
    make: Make, monkeypatch: pytest.MonkeyPatch, kind: str, name: str, old: str, new: str
) -> None:
    monkeypatch.setattr(elsewhere, "_GRACE_S", 2.0)
    monkeypatch.setattr(elsewhere, "_SETTLE_S", 0.5)
    names = [check.name for check in checks_of(kind)]
    (check,) = [check for check in checks_of(kind) if check.name == name]
    assert names.count(name) == 1
    outcome = run_check(check, Subject(make(kind, old, new)))
    assert outcome.status == "fail", outcome
    assert outcome.reason
    assert outcome.check.remedy


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_plugin_passes_all(make: Make, kind: str) -> None:
    outcomes = list(examine(make(kind)))
    assert {outcome.check.name for outcome in outcomes} == {c.name for c in checks_of(kind)}
    assert [outcome for outcome in outcomes if outcome.status == "fail"] == []
    skipped = {outcome.check.name for outcome in outcomes if outcome.status == "skipped"}
    assert skipped <= {"version", "estimate", "made-again", *MARKS}


MARKS = {check.name for check in marking.CHECKS}


def test_a_sound_dataset_of_windows_passes_all(make: Make) -> None:
    outcomes = list(examine(make("dataset", LISTED, MARKED)))
    assert [outcome for outcome in outcomes if outcome.status == "fail"] == []
    assert {outcome.check.name for outcome in outcomes if outcome.status == "pass"} >= MARKS


def test_a_dataset_without_marks_is_told_so(make: Make) -> None:
    outcomes = {outcome.check.name: outcome for outcome in examine(make("dataset"))}
    assert {outcomes[name].status for name in MARKS} == {"skipped"}
    assert "selections() is empty" in outcomes["selections-are-sound"].reason


def version_of(plugin: Plugin, store: Path) -> Outcome:
    (check,) = [check for check in checks_of(plugin.kind) if check.name == "version"]
    return run_check(check, Subject(plugin, store))


def test_a_changed_output_needs_a_new_version(make: Make, tmp_path: Path) -> None:
    store = tmp_path / "outputs.json"
    sound = make("improvement")
    assert version_of(sound, store).status == "skipped"
    store_output(Subject(sound, store))
    assert version_of(sound, store).status == "pass"
    changed = RETURN.replace("(values", "(1.01 * values")
    outcome = version_of(make("improvement", RETURN, changed), store)
    assert outcome.status == "fail"
    assert "differs from what version 1 made" in outcome.reason
    newer = make("improvement", 'version = "1"', 'version = "2"')
    assert version_of(newer, store).status == "skipped"


def test_rounding_on_another_machine_is_let_pass(make: Make, tmp_path: Path) -> None:
    store = tmp_path / "outputs.json"
    store_output(Subject(make("improvement"), store))
    text = store.read_text()
    store.write_text(text.replace('"Python ', '"Another Python '))
    rounded = make("improvement", RETURN, RETURN.replace("(values", "(1.000001 * values"))
    assert version_of(rounded, store).status == "pass"
    changed = make("improvement", RETURN, RETURN.replace("(values", "(1.01 * values"))
    assert version_of(changed, store).status == "fail"


def test_finished_pictures_are_compared_with_the_same_libraries_only(tmp_path: Path) -> None:
    store = tmp_path / "outputs.json"
    store_output(Subject(Blank(), store))
    assert version_of(Blank(), store).status == "pass"
    store.write_text(store.read_text().replace('"hash": "', '"hash": "0'))
    assert version_of(Blank(), store).status == "fail"
    store.write_text(store.read_text().replace('"Python ', '"Another Python '))
    assert "with other libraries" in version_of(Blank(), store).reason


def test_a_store_that_is_none_is_refused(make: Make, tmp_path: Path) -> None:
    store = tmp_path / "outputs.json"
    store.write_text("[]")
    assert "no file of stored outputs" in version_of(make("improvement"), store).reason
    with pytest.raises(ConformanceError, match="no file to store"):
        store_output(Subject(make("improvement")))


def test_what_is_unavailable_is_skipped_with_the_reason(make: Make) -> None:
    needy = make("improvement", "    version =", "    requires = ()\n    version =")
    type(needy).requires = ("no_such_package",)
    outcomes = list(examine(needy))
    assert {outcome.status for outcome in outcomes} == {"skipped"}
    assert "no_such_package" in outcomes[0].reason


def test_a_dataset_that_cannot_be_listed_is_skipped_with_the_reason(make: Make) -> None:
    entries = "        labels = ("
    lost = make(
        "dataset", entries,
        "        from harness import DatasetError\n"
        "        raise DatasetError('get the data first')\n" + entries,
    )  # fmt: skip
    outcomes = {outcome.check.name: outcome for outcome in examine(lost)}
    assert "get the data first" in outcomes["ids-unique"].reason
    assert {each.status for each in outcomes.values()} == {"skipped", "pass"}


@dataclass(frozen=True, kw_only=True)
class Service(RemoteClassifier):
    """A service that pays its users."""

    name: ClassVar[str] = "service"

    def estimate(self, train: int, holdout: int, bytes_per_picture: float) -> Estimate:
        return Estimate(train, int(bytes_per_picture * train), -1, 0, 1.0)

    def spent(self, folder: Any) -> Any:
        raise AssertionError("a check must not call a service")

    def fit(self, features: Any, labels: Any, job: Any) -> Any:
        raise AssertionError("a check must not call a service")


def test_a_service_is_asked_for_its_estimate_alone() -> None:
    outcomes = {outcome.check.name: outcome for outcome in examine(Service())}
    assert outcomes["estimate"].status == "fail"
    assert outcomes["predictions"].status == "skipped"
    assert "service" in outcomes["new-process"].reason


@dataclass(frozen=True, kw_only=True)
class Blank(Plot):
    """The same finished picture for every clip."""

    name: ClassVar[str] = "blank"

    def jpegs(self, signals: Signals) -> list[bytes]:
        return [b"\xff\xd8 no more"] * len(signals)


def test_finished_pictures_are_compared_as_bytes() -> None:
    statuses = {
        check.name: run_check(check, Subject(Blank())).status
        for check in checks_of("representation")
        if check.name != "leaves-nothing-behind"
    }
    assert statuses["shape"] == statuses["batch-size"] == statuses["one-clip-only"] == "pass"
    assert statuses["axes"] == statuses["finite"] == "skipped"


def test_the_example_spectrogram_shows_energy_where_it_is() -> None:
    tone = examples.spectrogram(examples.tone(250.0))
    assert tone.rows.points[tone.values[0].mean(axis=1).argmax()] == pytest.approx(250, abs=8)
    sweep = examples.spectrogram(examples.chirp(100, 500))
    ridge = sweep.rows.points[sweep.values[0].argmax(axis=0)]
    expected = 100 + 400 * sweep.columns.points / 2
    assert np.abs(ridge - expected).max() < 25
    knock = examples.spectrogram(examples.click(1.0))
    assert knock.columns.points[knock.values[0].sum(axis=0).argmax()] == pytest.approx(1, abs=0.02)


def test_example_pictures_of_no_contrast_tell_nothing() -> None:
    shown, labels = examples.pictures(200, contrast=0.0)
    means = [shown.pixels[labels == name].mean() for name in np.unique(labels)]
    assert means[0] == pytest.approx(means[1], abs=0.5)


LOOKING = Path(__file__).parents[2] / "samples" / "tones.py"


@pytest.mark.parametrize("name", ["nearest-spectrum", "nearest-raster"])
def test_classifiers_of_signals_and_of_rasters_are_examined_like_those_of_pictures(name):
    plugin = load([LOOKING]).catalogue.build("classifier", Spec(name))
    found = {outcome.check.name: (outcome.status, outcome.reason) for outcome in examine(plugin)}
    bad = {check: why for check, why in found.items() if why[0] == "fail"}
    assert not bad
    assert found["beats-chance"][0] == "pass"
    assert found["features-alone"][0] == "pass"


def test_signal_features_that_see_neighbours_are_found():
    plugin = load([LOOKING]).catalogue.build(
        "classifier", Spec("nearest-spectrum", (("fault", "neighbours"),))
    )
    check = next(each for each in checks_of("classifier") if each.name == "features-alone")
    assert run_check(check, Subject(plugin)).status == "fail"


def test_a_session_file_of_a_library_is_not_the_plugins_fault():
    subject = Subject(load([LOOKING]).catalogue.build("representation", Spec("levels")))
    check = next(e for e in checks_of("representation") if e.name == "leaves-nothing-behind")
    for files, status in (((":memory:.ses",), "pass"), ((":memory:.ses", "model.bin"), "fail")):
        left = elsewhere.Elsewhere("representation", "", "", files, running=False)
        vars(subject)["elsewhere"] = left
        assert run_check(check, subject).status == status
