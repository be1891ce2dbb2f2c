"""Calls about functions: tokens, functions and their labels, how training goes."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from plugins.classifiers.nyckel.answers import bare_id
from plugins.classifiers.nyckel.server.limits import Counters
from plugins.classifiers.nyckel.server.requests import (
    Refusal,
    answer,
    is_visible,
    page,
    read_form,
    read_json,
    text_of,
)
from plugins.classifiers.nyckel.server.settings import Settings
from plugins.classifiers.nyckel.server.store import Function, Label, Store

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PAGE = 100
MOST_A_PAGE = 1000


class Tokens:
    """Access tokens and when they end."""

    def __init__(self, settings: Settings, counters: Counters) -> None:
        self._settings = settings
        self._counters = counters
        self._owners: dict[str, tuple[str, float]] = {}

    async def issue(self, request: Request) -> Response:
        """Answer POST /connect/token."""
        form = await read_form(request)
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        if form.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, 400)
        clients = self._settings.clients
        if not client or not secret or (clients is not None and clients.get(client) != secret):
            return answer({"error": "invalid_client"}, 400)
        token = secrets.token_urlsafe(32)
        self._counters.tokens.append(token)
        lifetime = self._settings.token_lifetime_s
        self._owners[token] = (client, time.monotonic() + lifetime)
        return answer({"access_token": token, "token_type": "Bearer", "expires_in": lifetime})

    def owner(self, request: Request) -> str:
        """Return the client whose token a request carries."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        client, ends = self._owners.get(token, ("", 0.0))
        if scheme != "Bearer" or not client or time.monotonic() >= ends:
            raise Refusal(401, "The access token is missing, unknown or expired.")
        return client


class FunctionCalls:
    """Functions, their labels, and how their training goes."""

    def __init__(self, store: Store, tokens: Tokens, settings: Settings) -> None:
        self._store = store
        self._tokens = tokens
        self._settings = settings

    def function(self, request: Request) -> Function:
        """Return the function that a request is about, if it is the caller's."""
        owner = self._tokens.owner(request)
        function = self._store.find(request.path_params["function"])
        if function is None or not self._shows(function.made_at):
            raise Refusal(404, "There is no such function.")
        if function.owner != owner:
            raise Refusal(403, "This function is another account's.")
        return function

    def _shows(self, made_at: float) -> bool:
        return is_visible(made_at, self._settings.visible_after_s)

    async def list(self, request: Request) -> Response:
        """Answer GET /v1/functions."""
        owner = self._tokens.owner(request)
        shown = [
            each.to_json()
            for each in self._store.functions()
            if each.owner == owner and self._shows(each.made_at)
        ]
        return page(request, shown, PAGE, MOST_A_PAGE)

    async def create(self, request: Request) -> Response:
        """Answer POST /v1/functions."""
        owner = self._tokens.owner(request)
        body = await read_json(request)
        if body.get("input") != "Image" or body.get("output") != "Classification":
            raise Refusal(400, "This local server makes Image Classification functions only.")
        function = Function(text_of(body, "name") or "NewFunction", owner)
        self._store.add(function)
        return answer(function.to_json())

    async def show(self, request: Request) -> Response:
        """Answer GET /v1/functions/{id}."""
        return answer(self.function(request).to_json())

    async def delete(self, request: Request) -> Response:
        """Answer DELETE /v1/functions/{id}."""
        self._store.remove(self.function(request))
        return answer({})

    async def state(self, request: Request) -> Response:
        """Answer GET /v0.9/functions/{id}."""
        function = self.function(request)
        with function.lock:
            return answer({**function.to_json(), "state": function.state()})

    async def metrics(self, request: Request) -> Response:
        """Answer GET /v0.9/functions/{id}/metrics."""
        function = self.function(request)
        with function.lock:
            return answer(function.metrics())

    async def list_labels(self, request: Request) -> Response:
        """Answer GET …/labels."""
        function = self.function(request)
        with function.lock:
            shown = [e.to_json() for e in function.labels.values() if self._shows(e.made_at)]
        return page(request, shown, PAGE, MOST_A_PAGE)

    async def create_label(self, request: Request) -> Response:
        """Answer POST …/labels."""
        function = self.function(request)
        body = await read_json(request)
        name = text_of(body, "name", required=True) or ""
        with function.lock:
            existing = function.label_named(name)
            if existing is not None:
                raise Refusal(409, "There is such a label.", existingLabelId=existing.id)
            label = Label(name, text_of(body, "description"), _metadata(body))
            function.labels[label.id] = label
            return answer(label.to_json())

    async def show_label(self, request: Request) -> Response:
        """Answer GET …/labels/{label}."""
        function = self.function(request)
        with function.lock:
            return answer(_label(function, request).to_json())

    async def change_label(self, request: Request) -> Response:
        """Answer PUT …/labels/{label}."""
        function = self.function(request)
        body = await read_json(request)
        name = text_of(body, "name", required=True) or ""
        with function.lock:
            label = _label(function, request)
            if function.label_named(name) not in (None, label):
                raise Refusal(409, "Another label has this name.")
            label.name, label.description = name, text_of(body, "description")
            label.metadata = _metadata(body)
            function.changed_at = time.monotonic()
            return answer(label.to_json())

    async def delete_label(self, request: Request) -> Response:
        """Answer DELETE …/labels/{label}."""
        function = self.function(request)
        with function.lock:
            function.remove_label(_label(function, request))
        return answer({})


def _label(function: Function, request: Request) -> Label:
    label = function.labels.get(bare_id(request.path_params["label"]))
    if label is None:
        raise Refusal(404, "There is no such label.")
    return label


def _metadata(body: dict[str, Any]) -> dict[str, str] | None:
    metadata = body.get("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise Refusal(400, "metadata must be an object.")
    return {str(key): str(value) for key, value in metadata.items()}
