"""Every built-in passes the checks that a stranger's plugin has to pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.conformance import Subject, checks_of
from harness.contracts import Plugin
from harness.planning.parameters import parameters
from harness.planning.specs import Spec, parse_specs
from harness.registry.discovery import load
from harness.testing import BoundCheck, conformance

PLUGINS = load().catalogue
STORE = Path(__file__).parents[1] / "golden" / "outputs.json"
"""Made by: sightbench check NAMES --outputs tests/golden/outputs.json --store"""

REQUIRED = {
    "sklearn": "sklearn[estimator='sklearn.ensemble.ExtraTreesClassifier',n_estimators=25]",
}
"""What to examine a plugin with that has no defaults of its own."""

ELSEWHERE = ("answers", "sound-embedding")
"""The first learns nothing, so no check of learning fits; the second needs a file that a test
makes. Each has its own tests in tests/plugins/classifiers."""

OTHERS = (
    "spectrogram[scale=db]",
    "noise-removed[method=running-mean]",
    "noise-removed[method=gating]",
    "noise-removed[method=total-variation]",
    "gramian[method=difference]",
    "recurrence[dimension=3,delay=2,threshold=0.1]",
)
"""Parameters that take another path through the code."""


def build(kind: str, text: str) -> Plugin:
    (spec,) = parse_specs(text)
    return PLUGINS.build(kind, spec, available=False)


def built_ins(kind: str) -> list[Plugin]:
    texts = [REQUIRED.get(n, n) for n in PLUGINS.names(kind) if n not in ELSEWHERE]
    texts += [text for text in OTHERS if parse_specs(text)[0].name in PLUGINS.names(kind)]
    return [build(kind, text) for text in texts]


DRAWING = [*built_ins("representation"), *built_ins("improvement")]


@conformance(*DRAWING, store=STORE)
def test_what_draws(conformance_check: BoundCheck) -> None:
    conformance_check()


@conformance(*built_ins("classifier"))
def test_classifiers(conformance_check: BoundCheck) -> None:
    conformance_check()


def test_every_drawing_has_a_stored_output() -> None:
    stored = json.loads(STORE.read_text())["outputs"]
    wanted = {str(Subject(plugin)) for plugin in DRAWING if not plugin.unavailable()}
    assert wanted == set(stored)


def write_wave(path: Path, seed: int) -> None:
    soundfile = pytest.importorskip("soundfile")
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.1 * np.random.default_rng(seed).standard_normal(2000)
    soundfile.write(path, samples, 2000)


def sound_folder(folder: Path) -> Spec:
    for number in range(12):
        write_wave(folder / ("a" if number % 2 else "b") / f"{number}.wav", number)
    return Spec("labelled-folder", (("path", str(folder)),))


def sound_table(folder: Path) -> Spec:
    lines = ["path,label"]
    for number in range(12):
        write_wave(folder / f"{number}.wav", number)
        lines.append(f"{number}.wav,{'ab'[number % 2]}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    return Spec("manifest", (("path", str(folder / "table.csv")),))


def whale_folder(folder: Path) -> Spec:
    lines = ["clip_name,label"]
    for number in range(12):
        write_wave(folder / "train" / f"train{number}.aiff", number)
        lines.append(f"train{number}.aiff,{number % 2}")
    (folder / "train.csv").write_text("\n".join(lines) + "\n")
    return Spec("right-whale", (("path", str(folder)),))


def annotated_folder(folder: Path) -> Spec:
    for number in range(2):
        write_wave(folder / f"{number}.wav", number)
        (folder / f"{number}.txt").write_text("0.2\t0.4\twhale\n")
    return Spec("annotated", (("path", str(folder)), ("window", 0.25), ("hop", 0.125)))


def unlabelled_folder(folder: Path) -> Spec:
    for number in range(2):
        write_wave(folder / f"{number}.wav", number)
    return Spec("unlabelled", (("path", str(folder)), ("window", 0.25), ("hop", 0.125)))


RECORDINGS: dict[str, Callable[[Path], Spec]] = {
    "annotated": annotated_folder,
    "labelled-folder": sound_folder,
    "manifest": sound_table,
    "right-whale": whale_folder,
    "soundscape": lambda folder: Spec("soundscape", (("minutes", 1.0),)),
    "time-series": lambda folder: parse_specs("time-series[name=GunPoint]")[0],
    "unlabelled": unlabelled_folder,
    "upcalls": lambda folder: Spec("upcalls"),
}
"""Something small for each dataset to read."""


def test_every_dataset_has_something_to_read() -> None:
    assert set(RECORDINGS) == set(PLUGINS.names("dataset"))


@pytest.mark.parametrize("check", checks_of("dataset"), ids=lambda check: check.name)
@pytest.mark.parametrize("name", RECORDINGS)
def test_datasets(name: str, check: object, tmp_path: Path) -> None:
    plugin = PLUGINS.build("dataset", RECORDINGS[name](tmp_path), available=False)
    BoundCheck(check, Subject(plugin))()  # type: ignore[arg-type]


def test_required_parameters_are_known() -> None:
    for kind in ("representation", "improvement", "classifier"):
        for name in PLUGINS.names(kind):
            needed = [p.name for p in parameters(PLUGINS.find(kind, name)) if p.required]
            assert not needed or name in (*REQUIRED, *ELSEWHERE)
