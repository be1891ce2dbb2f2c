"""Waits until the service has really finished training; reads its cross-validation."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from harness import ClassifierError, Stopped
from plugins.classifiers.nyckel.answers import refusal, share, unexpected, usable_id
from plugins.classifiers.nyckel.attempts import Request
from plugins.classifiers.nyckel.dispatch import check_wanted
from plugins.classifiers.nyckel.functions import PAGE, VISIBLE_WITHIN_S, function_path, pages
from plugins.classifiers.nyckel.ledger import Ledger
from plugins.classifiers.nyckel.service import Service

TRAINED_STATES = ("Browsing", "Tuning")
_LONGEST_POLL_S = 15.0


def await_training(
    service: Service,
    ledger: Ledger,
    function: str,
    samples: int,
    limit_s: float,
    poll_s: float,
    progress: Callable[[int, int, str], object],
) -> None:
    """Return when the function was seen trained on all samples, twice in a row.

    Before that its answers come from a model that has seen no picture ("zero-shot"). Twice,
    because the figures of one look can still be those from before the last upload.

    Parameters
    ----------
    samples
        How many were posted.
    limit_s, poll_s
        The longest wait; the first interval between looks, which grows to 15 s (s).

    Raises
    ------
    Stopped
        The limit has passed; a later start waits on.
    """
    started = time.monotonic()
    seen = 0
    interval = poll_s
    while seen < 2:
        check_wanted()
        trained, predicted = _is_trained(service, function, samples)
        waited = time.monotonic() - started
        ledger.append({"what": "look", "trained": trained, "waited_s": round(waited, 3)})
        progress(max(0, min(predicted, samples)), samples, "training on the service")
        seen = seen + 1 if trained else 0
        if seen < 2:
            if waited > limit_s:
                raise Stopped(
                    f"nyckel: training has not finished within {limit_s / 60:g} minutes. Run the "
                    "same command again to wait on, or raise training_minutes."
                )
            service.wait(poll_s if trained else interval)
            interval = min(interval * 1.25, max(poll_s, _LONGEST_POLL_S))
    ledger.append({"what": "trained", "waited_s": round(time.monotonic() - started, 3)})


def _look(service: Service, function: str, rest: str) -> dict[str, Any]:
    doing = f"asking how training of function {function} goes"
    answer = service.call(Request("GET", function_path(function, rest, "v0.9"), doing))
    if not answer.ok:
        raise refusal(answer, doing)
    if not isinstance(answer.body, dict):
        raise unexpected(answer, doing, "object")
    return answer.body


def _is_trained(service: Service, function: str, samples: int) -> tuple[bool, int]:
    """Say whether training is over, and how many samples have a prediction."""
    metrics = _look(service, function, "/metrics")
    state = _look(service, function, "").get("state")
    count, predicted = metrics.get("sampleCount"), metrics.get("predictionCount")
    trained = (
        metrics.get("isTraining") is False
        and isinstance(count, int)
        and count >= samples
        and count == predicted
        and state in TRAINED_STATES
    )
    return trained, predicted if isinstance(predicted, int) else 0


def read_cross_validation(
    service: Service,
    ledger: Ledger,
    function: str,
    labels: dict[str, str],
    samples: set[str],
    poll_s: float,
) -> None:
    """Write the service's own prediction of every sample into the ledger.

    A sample may be listed some time after it was taken: the list is read again, for half a
    minute at most, until all are there; any that is still missing has no prediction.

    Parameters
    ----------
    labels
        The name of each label id.
    samples
        The ids to be found.
    poll_s
        The interval between readings (s).

    Raises
    ------
    ClassifierError
        A prediction names a label that the service does not list.
    """
    until = time.monotonic() + VISIBLE_WITHIN_S
    while True:
        found = _predictions(service, function, labels, samples)
        if samples <= found.keys() or time.monotonic() > until:
            break
        service.wait(poll_s)
    entries = [
        {"what": "cross-validated", "sample": sample, "answer": answer}
        for sample, answer in found.items()
    ]
    ledger.append(*entries, {"what": "cross-validation-read"})


def _predictions(
    service: Service, function: str, labels: dict[str, str], samples: set[str]
) -> dict[str, dict[str, Any]]:
    """Return the predicted label and its confidence of every one of these listed with one."""
    query = f"/samples?batchSize={PAGE}&sortBy=creation&sortOrder=ascending"
    found: dict[str, dict[str, Any]] = {}
    for item in pages(service, function_path(function, query), "listing samples"):
        prediction = item.get("prediction")
        sample = usable_id(item.get("id"))
        if sample not in samples or not isinstance(prediction, dict):
            continue
        label = usable_id(prediction.get("labelId"))
        if label not in labels:
            raise ClassifierError(
                f"nyckel: sample {sample} is predicted as label {label!r}, which the service does "
                "not list."
            )
        confidence = share(prediction.get("confidence"))
        found[sample] = {"labelName": labels[label], "confidence": confidence}
    return found
