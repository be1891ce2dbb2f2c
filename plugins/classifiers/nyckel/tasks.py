"""The two things done once for every clip: post its picture, or ask what it is."""

from __future__ import annotations

import base64
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from harness import Stopped
from plugins.classifiers.nyckel.answers import (
    Answer,
    clean,
    refusal,
    share,
    unexpected,
    usable_id,
)
from plugins.classifiers.nyckel.attempts import Request
from plugins.classifiers.nyckel.functions import function_path
from plugins.classifiers.nyckel.ledger import Ledger
from plugins.classifiers.nyckel.service import Service

REFUSED_PICTURE = frozenset({400, 413, 415, 422})
"""Statuses that are about one picture, not about the account or the function."""


@dataclass(frozen=True, slots=True)
class Task:
    """One picture to send.

    Parameters
    ----------
    external
        Its id on the service, made from the clip's content.
    clip
        A clip that it shows.
    jpeg
        Base64.
    label
        The label's name on the service; empty to ask.
    look_up
        An earlier start sent it and did not live to see the answer.
    """

    external: str
    clip: str
    jpeg: str
    label: str = ""
    look_up: bool = False

    @property
    def shown(self) -> str:
        """The clip as a message names it: it may be any file's name."""
        return clean(self.clip)

    @property
    def data(self) -> str:
        """The picture as the service takes it."""
        return f"data:image/jpg;base64,{self.jpeg}"


def make_task(
    external: str, clip: str, jpeg: bytes, label: str = "", look_up: bool = False
) -> Task:
    """Wrap a JPEG up."""
    return Task(external, clip, base64.b64encode(jpeg).decode(), label, look_up)


class Budget:
    """Counts paid calls down; what may have been charged counts.

    Parameters
    ----------
    most
        Never more than this; None for no limit.
    spent
        What earlier starts have paid, or may have.
    """

    def __init__(self, most: int | None, spent: int = 0) -> None:
        self._most = most
        self._spent = spent
        self._lock = threading.Lock()

    def take(self) -> None:
        """Allow one more paid call.

        Raises
        ------
        Stopped
            There is none left.
        """
        with self._lock:
            if self._most is not None and self._spent >= self._most:
                raise Stopped(
                    f"nyckel: stopped at the limit of {self._most} paid calls. What was answered "
                    "is kept; run again with a higher limit to go on from here."
                )
            self._spent += 1

    def settle(self, status: int | None) -> None:
        """Give a call back that the service did not carry out."""
        if status is not None and (status == 0 or 300 <= status < 500):
            with self._lock:
                self._spent -= 1


def post_sample(service: Service, ledger: Ledger, function: str, task: Task) -> None:
    """Post one labelled picture, and write down which sample it became.

    Raises
    ------
    ClassifierError
        The service refuses it for a reason that is not this picture.
    """
    found = _find_sample(service, function, task.external) if task.look_up else None
    doing = f"posting clip {task.shown}"
    request = Request(
        "POST",
        function_path(function, "/samples"),
        doing,
        {
            "data": task.data,
            "externalId": task.external,
            "annotation": {"labelName": task.label},
        },
        before=lambda: ledger.append({"what": "posting", "external": task.external}, safe=False),
        recover=lambda: _find_sample(service, function, task.external),
    )
    answer = found or service.call(request)
    sample = usable_id(answer.text("existingSampleId" if answer.status == 409 else "id"))
    if answer.ok or answer.status == 409:
        if not sample:
            raise unexpected(answer, doing, "id")
        ledger.append({"what": "upload", **_common(task, answer), "sample": sample})
    elif answer.status in REFUSED_PICTURE:
        why = answer.text("message")
        ledger.append({"what": "upload-refused", **_common(task, answer), "why": why})
    else:
        raise refusal(answer, doing)


def _find_sample(service: Service, function: str, external: str) -> Answer | None:
    """Look for a sample by its external id, when it is unknown whether it was taken."""
    doing = f"looking for sample {external}"
    path = function_path(function, "/samples")
    answer = service.call(Request("GET", path, doing, query={"externalId": external}))
    items = answer.body if answer.ok and isinstance(answer.body, list) else []
    for item in items:
        # An API that does not know the filter would list strangers.
        if isinstance(item, dict) and item.get("externalId") == external:
            return Answer(409, {"existingSampleId": item.get("id")})
    return None


def ask(
    service: Service,
    ledger: Ledger,
    function: str,
    task: Task,
    labels: Collection[str],
    budget: Budget,
) -> None:
    """Ask what one picture is, and write down the answer.

    The question is written down before it is sent: a start that is killed before the answer
    leaves a trace of each call that it may have paid for in vain.

    Raises
    ------
    Stopped
        The budget is spent.
    ClassifierError
        The service refuses for a reason that is not this picture.
    """

    def before() -> None:
        budget.take()
        ledger.append({"what": "asked", "external": task.external}, safe=False)

    def after(status: int | None) -> None:
        budget.settle(status)
        if status is None or status >= 500:
            service.meter.count("perhaps_paid")
        if status is None or not 200 <= status < 300:
            ledger.append({"what": "unheard", "external": task.external}, safe=False)

    doing = f"asking about clip {task.shown}"
    path = function_path(function, "/invoke")
    query = {"capture": "false", "labelCount": str(len(labels)), "externalId": task.external}
    body = {"data": task.data}
    answer = service.call(Request("POST", path, doing, body, query, before, after))
    if answer.ok:
        ledger.append(
            {"what": "answer", **_common(task, answer), "answer": _kept(answer.body, labels)}
        )
    elif answer.status in REFUSED_PICTURE:
        why = answer.text("message")
        ledger.append({"what": "ask-refused", **_common(task, answer), "why": why})
    else:
        raise refusal(answer, doing)


def _common(task: Task, answer: Answer) -> dict[str, Any]:
    return {
        "clip": task.clip,
        "external": task.external,
        "status": answer.status,
        "bytes": answer.bytes_sent,
        "latency_s": round(answer.latency_s, 4),
        "retries": answer.retries,
    }


def _kept(body: Any, labels: Collection[str]) -> dict[str, Any]:
    """Keep of an answer what is known, typed and finite."""
    if not isinstance(body, Mapping):
        return {}
    kept = _kept_label(body, labels)
    others = body.get("labelConfidences")
    if isinstance(others, list):
        known = (each for each in others if isinstance(each, dict))
        # The first word on a label counts; whatever else is listed was never sent.
        firsts: dict[str, dict[str, Any]] = {}
        for each in (_kept_label(each, labels) for each in known):
            if each.get("labelName") in labels:
                firsts.setdefault(each["labelName"], each)
        kept["labelConfidences"] = list(firsts.values())
    return kept


def _kept_label(body: Mapping[str, Any], labels: Collection[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    name = body.get("labelName")
    if isinstance(name, str):
        # A name that was never sent is kept to be looked at, not to be believed.
        kept["labelName"] = name if name in labels else f"unknown: {clean(name)}"
    confidence = share(body.get("confidence"))
    if confidence is not None:
        kept["confidence"] = confidence
    return kept
