"""Learning, for one cell: whose ledger it is, what can be learnt from, upload and training."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from harness import ClassifierError, Features, Job, Stopped
from plugins.classifiers.nyckel.answers import clean
from plugins.classifiers.nyckel.fitted import NyckelFitted, clips_by_external
from plugins.classifiers.nyckel.functions import make_function, make_labels
from plugins.classifiers.nyckel.ledger import Entry, Ledger, unanswered
from plugins.classifiers.nyckel.tasks import Task, make_task
from plugins.classifiers.nyckel.training import await_training, read_cross_validation

_MOST_REFUSED = 0.05


class Learning:
    """Upload, training and the reading of its result, for one cell."""

    def __init__(self, fitted: NyckelFitted, ledger: Ledger, lock: int | None) -> None:
        self._fitted = fitted
        self._ledger = ledger
        self._lock = lock
        self._service = fitted.account.service(ledger.meter)

    def upload_and_train(
        self, features: Features, labels: NDArray[np.str_], limit_s: float, poll_s: float
    ) -> None:
        """Go through all the steps that an earlier start has not done.

        Parameters
        ----------
        limit_s, poll_s
            The longest wait for training; the first interval between looks at it (s).
        """
        job = self._fitted.job
        function = make_function(self._service, self._ledger, job.title)
        label_ids = make_labels(self._service, function, self._fitted.names)
        if self._ledger.last("trained") is None:
            self._upload(function, features, labels)
            samples = len(self._samples())
            await_training(
                self._service, self._ledger, function, samples, limit_s, poll_s, job.progress
            )
        read_cross_validation(
            self._service, self._ledger, function, label_ids, self._samples(), poll_s
        )

    def _samples(self) -> set[str]:
        """Return the ids of all samples that were posted."""
        return {entry["sample"] for entry in self._ledger.by_external("upload").values()}

    def _upload(self, function: str, features: Features, labels: NDArray[np.str_]) -> None:
        clips = clips_by_external(self._fitted.job, features.ids)
        posted = self._ledger.by_external("upload")
        waiting = [external for external in clips if external not in posted]
        started = unanswered(
            self._ledger.entries(), "posting", frozenset({"upload", "upload-refused"})
        )
        given = {each: name for name, each in self._fitted.names.items()}

        def tasks() -> Iterator[Task]:
            for external in waiting:
                row = clips[external]
                jpeg = self._fitted.job.encode(features.values[row])
                label = given[str(labels[row])]
                yield make_task(external, features.ids[row], jpeg, label, external in started)

        errand = self._fitted.errand(function, self._lock)
        what = "posting training pictures"
        self._fitted.dispatch(errand, tasks(), len(posted), len(clips), what)
        self._check_uploaded(clips)

    def _check_uploaded(self, clips: dict[str, int]) -> None:
        """Go on without a few pictures that the service refuses, not without any others."""
        posted = self._ledger.by_external("upload")
        _check_apart(posted.values())
        refused = self._ledger.by_external("upload-refused")
        for external in posted:
            refused.pop(external, None)
        missing = len(clips) - len(posted) - len(refused)
        if missing:
            raise Stopped(
                f"nyckel: {missing} of {len(clips)} training pictures could not be posted: the "
                "service did not answer. Run the same command again: it posts only these."
            )
        if len(refused) > _MOST_REFUSED * len(clips):
            first = next(iter(refused.values()))
            clip = clean(first["clip"])
            raise ClassifierError(
                f"nyckel: the service refuses {len(refused)} of {len(clips)} training pictures, "
                f"the first with {first['status']} ({first['why']}) for clip {clip}. "
                "Look at what that picture holds (sightbench render)."
            )


def _check_apart(uploads: Iterable[Entry]) -> None:
    """Refuse an id that was given to two new pictures: one's prediction would count for both."""
    new = Counter(each["sample"] for each in uploads if each.get("status") != 409)
    twice = [sample for sample, times in new.items() if times > 1]
    if twice:
        raise ClassifierError(
            f"nyckel: the service gave {len(twice)} ids to more than one new picture, the first "
            f"{twice[0]}; their predictions could not be told apart. Run again with --fresh."
        )


def classes_of(features: Features, labels: NDArray[np.str_], job: Job) -> tuple[str, ...]:
    """Return the sorted classes; the service trains on no fewer than two, of two pictures each."""
    rows = clips_by_external(job, features.ids).values()
    counts = Counter(str(labels[row]) for row in rows)
    few = sorted(name for name in {str(label) for label in labels} if counts[name] < 2)
    if len(counts) < 2 or few:
        what = f"{', '.join(map(clean, few))} has fewer" if few else "there is one class only"
        raise ClassifierError(
            "nyckel: the service trains once two classes have two different pictures each; "
            f"{what}. Take more training clips."
        )
    return tuple(sorted(counts))


def check_owner(
    ledger: Ledger, server: str, job: Job, ids: Sequence[str], labels: NDArray[np.str_]
) -> None:
    """Refuse a ledger that was written for other training clips, labels or another server."""
    digest = hashlib.blake2b(digest_size=16)
    for identifier, label in zip(ids, labels, strict=True):
        digest.update(f"{identifier}\0{job.contents[identifier]}\0{label}\n".encode())
    owner = {"what": "cell", "title": job.title, "server": server, "train": digest.hexdigest()}
    found = ledger.last("cell")
    if found is None:
        ledger.append(owner)
        return
    for key, meaning in (("server", "another server"), ("train", "other training clips or labels")):
        if found.get(key) != owner[key]:
            raise ClassifierError(
                f"nyckel: the ledger {os.fspath(ledger.path)} belongs to {meaning}. Use "
                "another folder, or start over with --fresh (that is paid anew)."
            )
