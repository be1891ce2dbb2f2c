"""Trains the local server's functions in the background, some time after each change."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from plugins.classifiers.nyckel.server.learner import Learner
from plugins.classifiers.nyckel.server.settings import Settings
from plugins.classifiers.nyckel.server.store import Function, Label, Sample, Store

_LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    samples: list[Sample]
    labelled: list[tuple[Sample, Label]]
    changed_at: float | None


class Trainer:
    """One thread that watches all functions."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="nyckel-trainer")

    def start(self) -> None:
        """Begin; the heavy imports are over when this returns."""
        import sklearn.decomposition
        import sklearn.kernel_approximation
        import sklearn.linear_model
        import sklearn.model_selection  # noqa: F401

        self._thread.start()

    def end(self) -> None:
        """Stop after the training under way."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            for function in self._store.functions():
                snapshot = self._begin(function)
                if snapshot is not None:
                    self._train(function, snapshot)

    def _begin(self, function: Function) -> _Snapshot | None:
        with function.lock:
            changed = function.changed_at
            settled = changed is not None and time.monotonic() - changed >= self._settings.settle_s
            if not settled or not function.can_train():
                return None
            function.is_training = True
            counts = function.annotated_counts()
            samples = list(function.samples.values())
            labelled = [
                (each, each.label)
                for each in samples
                if each.label is not None and counts[each.label.name] >= 2
            ]
            return _Snapshot(samples, labelled, changed)

    def _train(self, function: Function, snapshot: _Snapshot) -> None:
        learner = Learner()
        held_out = learner.learn(
            [sample.picture for sample, _ in snapshot.labelled],
            [label.name for _, label in snapshot.labelled],
        )
        predicted = {
            id(sample): each for (sample, _), each in zip(snapshot.labelled, held_out, strict=True)
        }
        others = [sample for sample in snapshot.samples if id(sample) not in predicted]
        found = learner.confidences([sample.picture for sample in others])
        predicted.update({id(sample): each for sample, each in zip(others, found, strict=True)})
        self._ended.wait(self._settings.fault("slow-training"))
        self._publish(function, learner, snapshot, predicted)

    def _publish(
        self,
        function: Function,
        learner: Learner,
        snapshot: _Snapshot,
        predicted: dict[int, dict[str, float]],
    ) -> None:
        with function.lock:
            labels = {each.name: each for each in function.labels.values()}
            for sample in snapshot.samples:
                confidences = predicted[id(sample)]
                name = max(confidences, key=lambda each: confidences[each])
                if name in labels:
                    sample.prediction = (labels[name], confidences[name])
            function.learner = learner
            function.is_training = False
            if function.changed_at == snapshot.changed_at:
                function.changed_at = None
