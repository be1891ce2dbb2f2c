"""A new process that does with a plugin what its parent did, and says what came of it.

The parent pickles the plugin and a task to its standard input; both ends are our own.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.conformance import examples
from harness.conformance.subject import clip_bytes, draw, fingerprint
from harness.contracts import Classifier, Dataset, Plugin
from harness.errors import ConformanceError
from harness.values import Entry, Predictions, Signals

TIME_LIMIT_S = 120.0
"""No task takes a sound plugin this long."""


def replay(task: str, plugin: Plugin, argument: Any = None, **settings: Any) -> str:
    """Do a task in a new process, with another hash seed, and return its fingerprint.

    Raises
    ------
    ConformanceError
        The process cannot make the plugin, or the task raises there.
    """
    done = subprocess.run(
        command(), input=pickle.dumps((task, plugin, argument)), capture_output=True,
        env=surroundings(), timeout=TIME_LIMIT_S, check=False, **settings,
    )  # fmt: skip
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise ConformanceError(f"A new process failed (status {done.returncode}): {lines[-1]}")
    answer: str = done.stdout.decode().strip().splitlines()[-1]
    return answer


def command() -> list[str]:
    """Return how to start such a process."""
    return [sys.executable, "-m", __name__]


def surroundings(**more: str) -> Mapping[str, str]:
    """Return the environment of such a process: sets and dicts of strings order otherwise."""
    return {**os.environ, "PYTHONHASHSEED": "4711", **more}


def drawn(plugin: Plugin, signals: Signals) -> str:
    """Return the fingerprint of what a plugin draws."""
    return fingerprint(clip_bytes(draw(plugin, signals)))


def learnt(plugin: Classifier, seed: int) -> Predictions:
    """Train on an easy set and predict another."""
    shown, labels = examples.pictures(40, seed=1)
    asked, _ = examples.pictures(20, seed=2)
    fitted = plugin.fit(examples.features_of(plugin, shown), labels, np.random.default_rng(seed))
    return fitted.predict(examples.features_of(plugin, asked))


def predicted(predictions: Predictions) -> str:
    """Return the fingerprint of predictions."""
    labels = repr((predictions.ids, predictions.labels, predictions.classes))
    return fingerprint([labels.encode(), np.ascontiguousarray(predictions.scores).tobytes()])


def listed(plugin: Dataset, ids: list[str]) -> str:
    """Return the fingerprint of a listing and of the clips of some ids."""
    entries = list(plugin.entries())
    parts = [repr(each).encode() for each in entries]
    return fingerprint(parts + [clip_part(plugin, each) for each in entries if each.id in ids])


def clip_part(plugin: Dataset, entry: Entry) -> bytes:
    """Return one clip as bytes to compare."""
    clip = plugin.read(entry)
    head = repr((clip.id, clip.rate, clip.label, clip.group, clip.samples.shape))
    return head.encode() + np.ascontiguousarray(clip.samples).tobytes()


def _learn_until_stopped(plugin: Classifier) -> str:
    print("ready", flush=True)
    while True:
        learnt(plugin, 0)


def main() -> None:
    """Do the task that stands on standard input."""
    task, plugin, argument = pickle.load(sys.stdin.buffer)  # noqa: S301
    try:
        if task == "draw":
            print(drawn(plugin, argument))
        elif task == "learn":
            print(predicted(learnt(plugin, argument)))
        elif task == "list":
            print(listed(plugin, argument))
        elif task == "learn-until-stopped":
            _learn_until_stopped(plugin)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
