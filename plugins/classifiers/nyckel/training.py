"""Waits until the service has really finished training; reads its cross-validation."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from harness import ClassifierError
from harness.errors import Stopped
from plugins.classifiers.nyckel.answers import bare_id, refusal, unexpected
from plugins.classifiers.nyckel.functions import PAGE, function_path, pages
from plugins.classifiers.nyckel.ledger import Ledger
from plugins.classifiers.nyckel.service import Request, Service

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
    limit_s
        The longest wait (s).
    poll_s
        The first interval between looks (s); it grows to 15 s.

    Raises
    ------
    Stopped
        The limit has passed; a later start waits on.
    """
    started = time.monotonic()
    seen = 0
    interval = poll_s
    while seen < 2:
        metrics = _look(service, function, "/metrics")
        state = _look(service, function, "").get("state")
        predicted = metrics.get("predictionCount")
        trained = _is_trained(metrics, state, samples)
        seen = seen + 1 if trained else 0
        waited = time.monotonic() - started
        ledger.append({"what": "look", "trained": trained, "waited_s": round(waited, 3)})
        done = min(predicted, samples) if isinstance(predicted, int) else 0
        progress(done, samples, "training on the service")
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


def _is_trained(metrics: dict[str, Any], state: object, samples: int) -> bool:
    count = metrics.get("sampleCount")
    return (
        metrics.get("isTraining") is False
        and isinstance(count, int)
        and count >= samples
        and count == metrics.get("predictionCount")
        and state in TRAINED_STATES
    )


def read_cross_validation(
    service: Service, ledger: Ledger, function: str, labels: dict[str, str]
) -> None:
    """Write the service's own prediction of every sample into the ledger.

    Parameters
    ----------
    labels
        The name of each label id.

    Raises
    ------
    ClassifierError
        A prediction names a label that the service does not list.
    """
    path = function_path(function, f"/samples?batchSize={PAGE}&sortBy=creation&sortOrder=ascending")
    entries = []
    for item in pages(service, path, "listing samples"):
        prediction = item.get("prediction")
        if not isinstance(item.get("id"), str) or not isinstance(prediction, dict):
            continue
        label = bare_id(str(prediction.get("labelId")))
        if label not in labels:
            raise ClassifierError(
                f"nyckel: sample {service.clean(item['id'])} is predicted as label "
                f"{service.clean(label)!r}, which the service does not list."
            )
        confidence = prediction.get("confidence")
        entries.append(
            {
                "what": "cross-validated",
                "sample": bare_id(item["id"]),
                "answer": {
                    "labelName": labels[label],
                    "confidence": confidence if _is_share(confidence) else None,
                },
            }
        )
    ledger.append(*entries, {"what": "cross-validation-read"})


def _is_share(value: object) -> bool:
    return isinstance(value, (int, float)) and 0.0 <= value <= 1.0
