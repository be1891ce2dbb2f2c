"""What is imported ahead is there when it is asked for."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

from harness.contracts import Plugin
from harness.planning.specs import Spec
from harness.registry.discovery import Plugins
from harness.running.ahead import import_now, slow_imports

CODE = """
import sys, threading
from harness.cli.formats import SHOWN_WITH
from harness.running.ahead import LATER, import_ahead
print("scipy.special" in sys.modules)
import_ahead((*LATER, *SHOWN_WITH), lambda: 1 / 0, lambda: print("then"))
for thread in threading.enumerate():
    if thread.name == "imports":
        thread.join()
print(all(name in sys.modules for name in (*LATER, *SHOWN_WITH)))
"""


def test_what_the_end_of_a_run_needs_is_imported_ahead() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "then", "True"]
    assert not done.stderr


EARLY = """
import sys
import harness.running.start
late = ("harness.running.cells", "harness.results.store", "harness.clips.splits", "scipy", "rich")
print([name for name in late if name in sys.modules])
"""


def test_what_comes_after_reading_is_not_imported_before() -> None:
    done = subprocess.run([sys.executable, "-c", EARLY], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


FORKED = """
import sys, cv2
from importlib import import_module
from harness.running.server import PRELOADED
if len(sys.argv) > 1:
    cv2.ipp.setUseIPP(False)
for name in PRELOADED:
    import_module(name)
print("scipy.fft" in sys.modules, cv2.ipp.useIPP())
"""


def test_workers_import_of_scipys_transforms_what_they_need() -> None:
    for words in ((), ("without",)):
        done = subprocess.run(
            [sys.executable, "-c", FORKED, *words], capture_output=True, text=True, check=True
        )
        imported, has_intels = done.stdout.split()
        assert (imported == "True") == (has_intels == "False")
        assert not words or has_intels == "False"


LAZY = """
import sys
from pathlib import Path

from harness.running.ahead import import_now
from harness import Classifier, Predictions

class Lazy(Classifier):
    'Learns nothing, with scikit-learn.'

    name = "lazy"

    def fit(self, features, labels, rng):
        assert "sklearn.metrics" in sys.modules
        from sklearn.metrics import accuracy_score
        return Always(tuple(sorted(set(labels.tolist()))))

class Always:
    def __init__(self, classes):
        self.classes = classes

    def predict(self, features):
        scores = [[1.0] + [0.0] * (len(self.classes) - 1)] * len(features)
        return Predictions.from_scores(features.ids, self.classes, scores)

plugins = [Lazy]
"""


def test_a_fit_is_not_timed_with_the_imports_of_its_process(tmp_path: Path) -> None:
    (tmp_path / "lazy.py").write_text(LAZY)
    words = [
        *("-d", "upcalls[clips=40]", "-r", "spectrogram", "-c", "lazy", "--folds", "0"),
        *("--plugin", "lazy.py", "--results", "results", "--cache", "cache", "--jobs", "1"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "harness", "run", *words],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_not_there_is_left_to_whoever_needs_it() -> None:
    import_now(["harness.no_such_module", "no_such_library.at_all", "json.tool"])
    assert "json.tool" in sys.modules


def test_only_what_plugins_stand_on_is_imported_for_them(plugins: Plugins) -> None:
    def made(kind: str, name: str) -> Plugin:
        return plugins.catalogue.build(kind, Spec(name))

    assert slow_imports([made("classifier", "majority"), made("representation", "waveform")]) == ()
    assert slow_imports([made("representation", "mel")]) == ()
    assert slow_imports([made("classifier", "pca-svm")]) == ("sklearn.metrics",)


def test_what_a_stranger_s_plugin_imports_of_librosa_is_imported_once(tmp_path, monkeypatch):
    (tmp_path / "their_mel.py").write_text(
        "import librosa\nfrom plugins.representations.mel import Mel\n\n\nclass Theirs(Mel):\n"
        "    'With librosa.'\n\n    name = 'theirs'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    theirs = importlib.import_module("their_mel").Theirs()
    assert slow_imports([theirs]) == ("librosa.filters",)
