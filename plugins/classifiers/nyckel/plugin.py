"""The classifier `nyckel`: what a person chooses, what it will spend, and learning."""

from __future__ import annotations

import hashlib
import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from harness import (
    ClassifierError,
    Costs,
    Estimate,
    Features,
    Job,
    RemoteClassifier,
    Stopped,
    parameter,
)
from plugins.classifiers.nyckel.attempts import Patience
from plugins.classifiers.nyckel.costs import tally
from plugins.classifiers.nyckel.credentials import (
    HOW_TO,
    SERVICE,
    Credentials,
    any_credentials,
    check_server,
    find_credentials,
)
from plugins.classifiers.nyckel.fitted import NyckelFitted, clips_by_external
from plugins.classifiers.nyckel.functions import PAGE, make_function, make_labels, service_names
from plugins.classifiers.nyckel.ledger import Ledger, locked, unanswered
from plugins.classifiers.nyckel.limiter import PACE, Limiter
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.service import Service
from plugins.classifiers.nyckel.tasks import Task, make_task
from plugins.classifiers.nyckel.training import await_training, read_cross_validation

LEDGER = "nyckel.jsonl"
_BYTES_AROUND = 500
"""Headers and JSON around a picture."""
_CALLS_AROUND = 16
"""Tokens, the function, its labels, a look or two at the training."""
_MOST_REFUSED = 0.05


@dataclass(frozen=True, kw_only=True)
class Nyckel(RemoteClassifier):
    """The Nyckel image-classification service: uploads pictures, trains there, costs money.

    The pictures of the training clips are posted with their labels to one function per cell and
    split; the service trains and cross-validates by itself; the holdout is classified with
    ``capture=false``. Everything asked and answered is kept in a ledger in the job's folder, so
    a run that was killed goes on without posting or paying twice. A process of its own talks to
    the service: it outlives a killed run by the calls that are under way, and records them. Only
    where that process dies as well (the machine loses power, say) can those calls, at most
    `concurrent`, be asked again; they are counted as ``perhaps_paid``.
    """

    name: ClassVar[str] = "nyckel"
    version: ClassVar[str] = "1"

    server: str = parameter(SERVICE, "base URL; another one for a local nyckel-server")
    requests_per_second: float = parameter(25.0, "the service's limit", low=0.01, high=100_000)
    concurrent: int = parameter(25, "requests under way at once", low=1, high=1000)
    training_minutes: float = parameter(
        60.0, "longest wait for training", unit="min", low=0, high=10_000
    )
    poll_s: float = parameter(
        2.0, "first interval between looks at the training", unit="s", low=0.01, high=600
    )
    attempts: int = parameter(10, "tries of a request that meets 5xx or breaks", low=1, high=1000)
    backoff_s: float = parameter(
        0.5, "first wait before another try, then doubled", unit="s", low=0, high=60
    )
    timeout_s: float = parameter(
        60.0, "longest silence within a request", unit="s", low=0.1, high=3600
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "server", check_server(self.server))

    @classmethod
    def unavailable(cls) -> str | None:
        """Say how to get credentials where there are none."""
        try:
            return None if any_credentials() else f"no credentials: {HOW_TO}"
        except ClassifierError as error:
            return str(error)

    def estimate(self, train: int, holdout: int, bytes_per_picture: float) -> Estimate:
        """Say what a cell of that many clips will spend.

        Pictures travel in base64 (a third longer). Minutes are those that the rate limit alone
        takes; the service's training, of unknown length, comes on top. The holdout's calls are
        the paid ones.
        """
        pictures = train + holdout
        calls = pictures + math.ceil(train / PAGE) + _CALLS_AROUND
        return Estimate(
            pictures=pictures,
            bytes_sent=round(pictures * (bytes_per_picture * 4 / 3 + _BYTES_AROUND)),
            calls=calls,
            paid_calls=holdout,
            minutes=calls / (self.requests_per_second * PACE) / 60,
        )

    def spent(self, folder: Path) -> Costs:
        """Return what a job with this folder has spent so far, read from its ledger."""
        return tally(Ledger(folder / LEDGER, Meter()).entries())

    def patience(self) -> Patience:
        """Return how long the service is borne with."""
        return Patience(self.attempts, self.backoff_s, self.timeout_s)

    def service(self, credentials: Credentials, meter: Meter) -> Service:
        """Return the service as this process calls it."""
        limiter = Limiter(self.requests_per_second, self.concurrent)
        return Service(self.server, credentials, limiter, self.patience(), meter)

    def fit(self, features: Features, labels: NDArray[np.str_], job: Job) -> NyckelFitted:
        """Upload pixels [shape=(clips, height, width, 3)], wait until training has finished.

        Clips of the same content are one picture on the service; the first one's label counts.

        Raises
        ------
        Unavailable
            There are no credentials for this server.
        Stopped
            Training took too long, the service could not be reached or wants to be paid first:
            the same job goes on later.
        ClassifierError
            The service refuses, or the folder belongs to another job.
        """
        names = service_names(_classes(features, labels, job))
        credentials = find_credentials(self.server)
        fitted = NyckelFitted(self, job, features.ids, names, credentials, Path(job.folder, LEDGER))
        wait_s = self.timeout_s + 10
        with locked(
            job.folder, wait_s, lambda: job.progress(0, 1, "waiting for the last run's calls")
        ) as lock:
            ledger = Ledger(fitted.ledger, Meter())
            _check_owner(ledger, self.server, job, features.ids, labels)
            if ledger.last("cross-validation-read") is None:
                _Learning(fitted, ledger, lock).learn(features, labels)
            ledger.append({"what": "fit-ended"})
        return fitted


class _Learning:
    """Upload, training and the reading of its result, for one cell."""

    def __init__(self, fitted: NyckelFitted, ledger: Ledger, lock: int | None) -> None:
        self._fitted = fitted
        self._ledger = ledger
        self._lock = lock
        self._service = fitted.classifier.service(fitted.credentials, ledger.meter)

    def learn(self, features: Features, labels: NDArray[np.str_]) -> None:
        """Go through all the steps that an earlier start has not done."""
        classifier, job = self._fitted.classifier, self._fitted.job
        function = make_function(self._service, self._ledger, job.title)
        label_ids = make_labels(self._service, function, self._fitted.names)
        if self._ledger.last("trained") is None:
            self._upload(function, features, labels)
            await_training(
                self._service,
                self._ledger,
                function,
                len(self._samples()),
                classifier.training_minutes * 60,
                classifier.poll_s,
                job.progress,
            )
        read_cross_validation(
            self._service,
            self._ledger,
            function,
            label_ids,
            self._samples(),
            classifier.poll_s,
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

        what = "posting training pictures"
        self._fitted.dispatch(tasks(), len(clips), len(posted), what, function, self._lock, None)
        self._check_uploaded(clips)

    def _check_uploaded(self, clips: dict[str, int]) -> None:
        """Go on without a few pictures that the service refuses, not without any others."""
        posted = self._ledger.by_external("upload")
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
            raise ClassifierError(
                f"nyckel: the service refuses {len(refused)} of {len(clips)} training pictures, "
                f"the first with {first['status']} ({first['why']}) for clip {first['clip']}. "
                "Look at what that picture holds (sightbench render)."
            )


def _classes(features: Features, labels: NDArray[np.str_], job: Job) -> tuple[str, ...]:
    """Return the sorted classes; the service trains on no fewer than two, of two pictures each."""
    rows = clips_by_external(job, features.ids).values()
    counts = Counter(str(labels[row]) for row in rows)
    few = sorted(name for name in {str(label) for label in labels} if counts[name] < 2)
    if len(counts) < 2 or few:
        what = f"{', '.join(few)} has fewer" if few else "there is one class only"
        raise ClassifierError(
            "nyckel: the service trains once two classes have two different pictures each; "
            f"{what}. Take more training clips."
        )
    return tuple(sorted(counts))


def _check_owner(
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
                "another folder, or delete it to start this cell over (that is paid anew)."
            )
