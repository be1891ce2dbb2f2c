"""Functions and labels on the service: made once, found again, named for a person."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from harness import ClassifierError
from plugins.classifiers.nyckel.answers import Answer, refusal, unexpected, usable_id
from plugins.classifiers.nyckel.attempts import Request
from plugins.classifiers.nyckel.ledger import Ledger
from plugins.classifiers.nyckel.service import Service

PREFIX = "sightbench "
"""Starts the name of every function that sightbench makes."""
PAGE = 1000
_MOST_PAGES = 2000
_LONGEST_NAME = 120
VISIBLE_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.25


def function_path(function: str, rest: str = "", version: str = "v1") -> str:
    """Return the path of a function's call."""
    return f"/{version}/functions/{quote(function, safe='')}{rest}"


def pages(service: Service, path: str, doing: str) -> Iterator[dict[str, Any]]:
    """Yield the items of a list, page after page.

    Raises
    ------
    ClassifierError
        The service refuses, answers with no list, or with one that has no end.
    """
    seen = set()
    next_path: str | None = path
    while next_path and next_path not in seen:
        seen.add(next_path)
        if len(seen) > _MOST_PAGES:
            raise ClassifierError(
                f"nyckel: {doing} has not come to an end after {_MOST_PAGES} pages: "
                f"{service.server} does not behave like the service."
            )
        answer = service.call(Request("GET", next_path, doing))
        if not answer.ok:
            raise refusal(answer, doing)
        if not isinstance(answer.body, list):
            raise unexpected(answer, doing, "list")
        yield from (item for item in answer.body if isinstance(item, dict))
        next_path = answer.next_path


def make_function(service: Service, ledger: Ledger, title: str) -> str:
    """Return the id of the cell's function; make it unless an earlier start did.

    Its name is written down before it is asked for, so that a start that was killed in between
    finds it by that name.

    Raises
    ------
    ClassifierError
        The function has gone, or the service refuses to make one.
    """
    made = ledger.last("function")
    if made is not None:
        _await_visible(service, made["function"])
        return str(made["function"])
    meant = ledger.last("naming")
    if meant is None:
        name = f"{PREFIX}{title[:_LONGEST_NAME]} #{secrets.token_hex(3)}"
        ledger.append({"what": "naming", "name": name})
        function = _create(service, name)
    else:
        name = meant["name"]
        function = _find(service, name) or _create(service, name)
    ledger.append({"what": "function", "function": function, "name": name})
    _await_visible(service, function)
    return function


def _create(service: Service, name: str) -> str:
    def lost() -> Answer | None:
        service.wait(_LOOK_EVERY_S)
        found = _find(service, name)
        return Answer(200, {"id": found}) if found else None

    doing = "making a function"
    body = {"name": name, "input": "Image", "output": "Classification"}
    answer = service.call(Request("POST", "/v1/functions", doing, body, recover=lost))
    if not answer.ok:
        raise refusal(answer, doing)
    function = usable_id(answer.text("id"))
    if not function:
        raise unexpected(answer, doing, "id")
    return function


def _find(service: Service, name: str) -> str | None:
    for item in pages(service, "/v1/functions", "listing functions"):
        if item.get("name") == name and usable_id(item.get("id")):
            return usable_id(item["id"])
    return None


def _await_visible(service: Service, function: str) -> None:
    """Wait until the service knows a function that it has just made."""
    doing = f"looking up function {function}"
    for _ in range(int(VISIBLE_WITHIN_S / _LOOK_EVERY_S)):
        answer = service.call(Request("GET", function_path(function), doing))
        if answer.ok:
            return
        if answer.status != 404:
            break
        service.wait(_LOOK_EVERY_S)
    raise refusal(answer, doing)


def list_made(service: Service) -> list[dict[str, str]]:
    """Return id and name of every function that sightbench made, oldest name first."""
    items = pages(service, "/v1/functions", "listing functions")
    found = [
        {"id": usable_id(item["id"]), "name": service.clean(item["name"])}
        for item in items
        if usable_id(item.get("id")) and str(item.get("name", "")).startswith(PREFIX)
    ]
    return sorted(found, key=lambda each: each["name"])


def delete_function(service: Service, function: str) -> None:
    """Delete a function and everything in it; one that has gone already is fine."""
    doing = f"deleting function {function}"
    answer = service.call(Request("DELETE", function_path(function), doing))
    if not answer.ok and not (answer.status == 404 and answer.retries):
        raise refusal(answer, doing)


def service_names(classes: Iterable[str]) -> dict[str, str]:
    """Return the class that each label name on the service stands for.

    Raises
    ------
    ClassifierError
        A class has an empty name, or two differ in surrounding white space alone, which the
        service drops.
    """
    names: dict[str, str] = {}
    for each in classes:
        name = each.strip()
        if not name or name in names:
            raise ClassifierError(
                f"nyckel: class {each!r} has no name of its own without its surrounding white "
                "space, which the service drops. Rename it."
            )
        names[name] = each
    return names


def make_labels(service: Service, function: str, names: Iterable[str]) -> dict[str, str]:
    """Make the labels that are missing; return the name of each label id.

    Raises
    ------
    ClassifierError
        The service refuses one, or does not list it within half a minute.
    """
    wanted = set(names)
    for name in sorted(wanted - set(list_labels(service, function).values())):
        doing = f"making label {name!r}"
        path = function_path(function, "/labels")
        answer = service.call(Request("POST", path, doing, {"name": name}))
        if not answer.ok and answer.status != 409:
            raise refusal(answer, doing)
    for _ in range(int(VISIBLE_WITHIN_S / _LOOK_EVERY_S)):
        listed = list_labels(service, function)
        if wanted <= set(listed.values()):
            return listed
        service.wait(_LOOK_EVERY_S)
    missing = ", ".join(sorted(wanted - set(listed.values())))
    raise ClassifierError(f"nyckel: the service does not list the labels {missing} just made.")


def list_labels(service: Service, function: str) -> dict[str, str]:
    """Return the name of each label id (without its prefix)."""
    items = pages(service, function_path(function, "/labels"), "listing labels")
    return {
        usable_id(item["id"]): item["name"]
        for item in items
        if usable_id(item.get("id")) and isinstance(item.get("name"), str)
    }
