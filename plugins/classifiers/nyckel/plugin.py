"""The classifier `nyckel`: what a person chooses, what it will spend, and learning."""

from __future__ import annotations

import dataclasses
import math
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
    parameter,
)
from plugins.classifiers.nyckel.account import Account
from plugins.classifiers.nyckel.attempts import Patience
from plugins.classifiers.nyckel.costs import tally
from plugins.classifiers.nyckel.credentials import (
    HOW_TO,
    Credentials,
    any_credentials,
    find_credentials,
)
from plugins.classifiers.nyckel.fitted import NyckelFitted, unheeded
from plugins.classifiers.nyckel.functions import PAGE, service_names
from plugins.classifiers.nyckel.hosts import SERVICE, check_server
from plugins.classifiers.nyckel.learning import Learning, check_owner, classes_of
from plugins.classifiers.nyckel.ledger import Ledger, open_ledger, show_ledger
from plugins.classifiers.nyckel.limiter import PACE
from plugins.classifiers.nyckel.lock import LEDGER, ledger_of
from plugins.classifiers.nyckel.meter import Meter

_BYTES_AROUND = 500
"""Headers and JSON around a picture."""
_CALLS_AROUND = 16
"""Tokens, the function, its labels, a look or two at the training."""


@dataclass(frozen=True, kw_only=True)
class Nyckel(RemoteClassifier):
    """The Nyckel image-classification service: uploads pictures, trains there, costs money.

    The pictures of the training clips are posted with their labels to one function per cell and
    split; the service trains and cross-validates by itself; the holdout is classified with
    ``capture=false``. Everything asked and answered is kept in a ledger beside the job's folder,
    so a run that was killed, or started several times at once, neither posts nor pays twice. A
    process of its own talks to the service: it outlives a killed run by the calls that are under
    way, and records them. Only where that process dies as well (the machine loses power, say) can
    those calls, at most `concurrent`, be asked again; they are counted as ``perhaps_paid``.
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
        kept = ledger_of(folder)
        return tally(Ledger(kept if kept.exists() else folder / LEDGER, Meter()).entries())

    def account(self, credentials: Credentials) -> Account:
        """Return how this process and its couriers call the service."""
        patience = Patience(self.attempts, self.backoff_s, self.timeout_s)
        return Account(
            self.server, credentials, self.requests_per_second, self.concurrent, patience
        )

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
        names = service_names(classes_of(features, labels, job))
        account = self.account(find_credentials(self.server))
        job = dataclasses.replace(job, progress=unheeded(job.progress))
        fitted = NyckelFitted(account, job, features.ids, names)
        with fitted.held() as lock:
            ledger = open_ledger(job.folder, Meter())
            try:
                check_owner(ledger, self.server, job, features.ids, labels)
                if ledger.last("cross-validation-read") is None:
                    learning = Learning(fitted, ledger, lock)
                    limit_s = self.training_minutes * 60
                    learning.upload_and_train(features, labels, limit_s, self.poll_s)
                ledger.append({"what": "fit-ended"})
            finally:
                show_ledger(job.folder)
        return fitted
