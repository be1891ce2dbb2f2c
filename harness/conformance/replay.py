"""What a plugin does in a check, on one line to compare; also in a new process of its own.

``python -m harness.conformance.replay`` takes the plugin and the name of a task from its standard
input, where its parent has pickled them: both ends are our own.
"""

from __future__ import annotations

import json
import pickle
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from harness.conformance import examples
from harness.conformance.asking import clip_bytes, draw, fingerprint, usual_rate
from harness.contracts import Dataset, LocalClassifier, Plugin
from harness.values import Entry, Predictions

TIME_LIMIT_S = 120.0
"""No task takes a sound plugin this long."""

_ROUNDING = 1e-6
_FAINT = 8.0
_CLIPS = 3
"""Clips of a dataset that are read again."""


def drawn(plugin: Plugin) -> str:
    """Return the fingerprint of what a plugin draws of assorted clips."""
    return fingerprint(clip_bytes(draw(plugin, examples.assorted(rate=usual_rate(plugin)))))


def learnt(plugin: LocalClassifier, seed: int) -> Predictions:
    """Train on one set and predict another, hard enough that no probability is 0 or 1."""
    shown, labels = examples.shown_to(plugin, 40, seed=1, contrast=_FAINT)
    asked, _ = examples.shown_to(plugin, 20, seed=2, contrast=_FAINT)
    fitted = plugin.fit(examples.features_of(plugin, shown), labels, np.random.default_rng(seed))
    return fitted.predict(examples.features_of(plugin, asked))


def predicted(predictions: Predictions) -> str:
    """Write predictions down on one line."""
    return json.dumps([predictions.labels, predictions.classes, predictions.scores.tolist()])


def agree(task: str, here: str, there: str) -> bool:
    """Say whether two results of a task are the same; probabilities may differ by rounding.

    The last bit of a sum depends on where in memory a library finds its arrays.
    """
    if task != "classifier" or not (here and there):
        return here == there
    (*names, scores), (*other_names, other_scores) = json.loads(here), json.loads(there)
    return names == other_names and bool(np.allclose(scores, other_scores, atol=_ROUNDING))


def listed(plugin: Dataset) -> str:
    """Return the fingerprint of a listing and of its first sound clips."""
    entries = list(plugin.entries())
    sound = [each for each in entries if not each.fault][:_CLIPS]
    parts = [repr(each).encode() for each in entries]
    return fingerprint(parts + [clip_part(plugin, each) for each in sound])


def clip_part(plugin: Dataset, entry: Entry) -> bytes:
    """Return one clip as bytes to compare."""
    clip = plugin.read(entry)
    head = repr((clip.id, clip.rate, clip.label, clip.group, clip.samples.shape))
    return head.encode() + np.ascontiguousarray(clip.samples).tobytes()


def learn_until_stopped(plugin: LocalClassifier) -> str:
    """Say that training works, then train on and on.

    A shell makes what it runs in the background deaf to interrupts; here they are to be heard.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    learnt(plugin, 0)
    print("ready", flush=True)
    while True:
        learnt(plugin, 0)


TASKS: Mapping[str, Callable[[Any], str]] = {
    "representation": drawn,
    "improvement": drawn,
    "classifier": lambda plugin: predicted(learnt(plugin, 3)),
    "dataset": listed,
    "learn-until-stopped": learn_until_stopped,
}
"""What can be asked of a new process; a kind's own task has its name."""


def main() -> None:
    """Do the task that stands on standard input and print its result."""
    task, plugin = pickle.load(sys.stdin.buffer)  # noqa: S301
    try:
        print(TASKS[task](plugin))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
