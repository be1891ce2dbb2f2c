"""The functions, labels and samples of the local server, in memory."""

from __future__ import annotations

import secrets
import string
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from plugins.classifiers.nyckel.answers import bare_id
from plugins.classifiers.nyckel.server.learner import Learner, Picture

_ALPHABET = string.ascii_lowercase + string.digits


def new_id() -> str:
    """Return 16 random letters and digits, as the service's ids are."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


@dataclass(slots=True, eq=False)
class Label:
    """A class of one function."""

    name: str
    description: str | None = None
    metadata: dict[str, str] | None = None
    id: str = field(default_factory=new_id)
    made_at: float = field(default_factory=time.monotonic)

    def to_json(self) -> dict[str, Any]:
        """Return the label as the API shows it."""
        shown: dict[str, Any] = {"id": f"label_{self.id}", "name": self.name}
        if self.description is not None:
            shown["description"] = self.description
        if self.metadata is not None:
            shown["metadata"] = self.metadata
        return shown


@dataclass(slots=True, eq=False)
class Sample:
    """A picture of one function."""

    picture: Picture
    external_id: str | None = None
    label: Label | None = None
    sample_sets: list[dict[str, str]] = field(default_factory=list)
    prediction: tuple[Label, float] | None = None
    id: str = field(default_factory=new_id)
    made_at: float = field(default_factory=time.monotonic)

    def to_json(self, function: str) -> dict[str, Any]:
        """Return the sample as the API shows it."""
        shown: dict[str, Any] = {
            "id": f"sample_{self.id}",
            "data": f"/v1/functions/{function}/samples/{self.id}/data",
        }
        if self.external_id is not None:
            shown["externalId"] = self.external_id
        if self.label is not None:
            shown["annotation"] = {"labelId": f"label_{self.label.id}"}
        if self.prediction is not None:
            label, confidence = self.prediction
            shown["prediction"] = {"labelId": f"label_{label.id}", "confidence": confidence}
        if self.sample_sets:
            shown["sampleSets"] = self.sample_sets
        return shown


@dataclass(slots=True, eq=False)
class Function:
    """One classifier of one client. Hold `lock` while touching it."""

    name: str
    owner: str
    id: str = field(default_factory=new_id)
    made_at: float = field(default_factory=time.monotonic)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    labels: dict[str, Label] = field(default_factory=dict)
    samples: dict[str, Sample] = field(default_factory=dict)
    by_external: dict[str, Sample] = field(default_factory=dict)
    by_digest: dict[str, Sample] = field(default_factory=dict)
    learner: Learner | None = None
    is_training: bool = False
    changed_at: float | None = None
    deleted: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the function as the API shows it."""
        return {
            "id": f"function_{self.id}",
            "name": self.name,
            "input": "Image",
            "output": "Classification",
        }

    def label_named(self, name: str) -> Label | None:
        """Return the label of this name."""
        return next((each for each in self.labels.values() if each.name == name), None)

    def duplicate(self, picture: Picture, external_id: str | None, unique: str) -> Sample | None:
        """Return the sample that a new one would repeat."""
        found = None
        if unique in ("both", "external") and external_id:
            found = self.by_external.get(external_id)
        if found is None and unique in ("both", "picture"):
            found = self.by_digest.get(picture.digest)
        return found

    def add(self, sample: Sample) -> None:
        """Take a sample in."""
        self.samples[sample.id] = sample
        self.by_digest[sample.picture.digest] = sample
        if sample.external_id:
            self.by_external[sample.external_id] = sample
        self.changed_at = time.monotonic()

    def annotate(self, sample: Sample, label: Label | None) -> None:
        """Change what a sample is said to be; its prediction is out of date."""
        sample.label = label
        sample.prediction = None
        self.changed_at = time.monotonic()

    def remove_sample(self, sample: Sample) -> None:
        """Forget a sample."""
        del self.samples[sample.id]
        self.by_digest.pop(sample.picture.digest, None)
        if sample.external_id:
            self.by_external.pop(sample.external_id, None)
        self.changed_at = time.monotonic()

    def remove_label(self, label: Label) -> None:
        """Forget a label, and that any sample has it."""
        del self.labels[label.id]
        for sample in self.samples.values():
            if sample.label is label or (sample.prediction and sample.prediction[0] is label):
                self.annotate(sample, None if sample.label is label else sample.label)
        self.changed_at = time.monotonic()

    def annotated_counts(self) -> Counter[str]:
        """Count the samples of each label's name."""
        return Counter(each.label.name for each in self.samples.values() if each.label)

    def can_train(self) -> bool:
        """Training needs two labels with two samples each."""
        return sum(count >= 2 for count in self.annotated_counts().values()) >= 2

    def state(self) -> str:
        """Return the state that the v0.9 call shows."""
        if self.learner is None:
            return "New"
        return "Training" if self.is_training else "Browsing"

    def metrics(self) -> dict[str, Any]:
        """Return the figures that the v0.9 call shows."""
        predicted = sum(each.prediction is not None for each in self.samples.values())
        counts = {f"label_{each.id}": 0 for each in self.labels.values()}
        for sample in self.samples.values():
            if sample.label:
                counts[f"label_{sample.label.id}"] += 1
        return {
            "sampleCount": len(self.samples),
            "predictionCount": predicted,
            "isTraining": self.is_training,
            "annotatedLabelCounts": counts,
        }


class Store:
    """All functions; safe for threads."""

    def __init__(self) -> None:
        self._functions: dict[str, Function] = {}
        self._lock = threading.Lock()

    def add(self, function: Function) -> None:
        """Take a function in."""
        with self._lock:
            self._functions[function.id] = function

    def find(self, identifier: str) -> Function | None:
        """Return a function by its id, prefixed or not."""
        with self._lock:
            return self._functions.get(bare_id(identifier))

    def remove(self, function: Function) -> None:
        """Forget a function."""
        function.deleted = True
        with self._lock:
            self._functions.pop(function.id, None)

    def functions(self) -> list[Function]:
        """Return all functions, in the order in which they were made."""
        with self._lock:
            return list(self._functions.values())
