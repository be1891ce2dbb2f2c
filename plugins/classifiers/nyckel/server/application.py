"""The API: which call is answered by what, behind limits and faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from plugins.classifiers.nyckel.server.faults import Application, Faults, Receive, Scope, Send
from plugins.classifiers.nyckel.server.functions import FunctionCalls, Tokens
from plugins.classifiers.nyckel.server.limits import Counters, Limits
from plugins.classifiers.nyckel.server.requests import Refusal, answer
from plugins.classifiers.nyckel.server.samples import SampleCalls
from plugins.classifiers.nyckel.server.settings import Settings
from plugins.classifiers.nyckel.server.store import Store

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

Handler = Callable[["Request"], Awaitable["Response"]]


def make_application(store: Store, settings: Settings, counters: Counters) -> Application:
    """Return the whole server as an ASGI application: limits, then faults, then the API."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    tokens = Tokens(settings, counters)
    functions = FunctionCalls(store, tokens, settings)
    samples = SampleCalls(functions, settings, counters)
    one = "/v1/functions/{function}"
    table: list[tuple[str, str, Handler]] = [
        ("POST", "/connect/token", tokens.issue),
        ("GET", "/v1/functions", functions.list),
        ("POST", "/v1/functions", functions.create),
        ("GET", one, functions.show),
        ("DELETE", one, functions.delete),
        ("GET", "/v0.9/functions/{function}", functions.state),
        ("GET", "/v0.9/functions/{function}/metrics", functions.metrics),
        ("GET", one + "/labels", functions.list_labels),
        ("POST", one + "/labels", functions.create_label),
        ("GET", one + "/labels/{label}", functions.show_label),
        ("PUT", one + "/labels/{label}", functions.change_label),
        ("DELETE", one + "/labels/{label}", functions.delete_label),
        ("GET", one + "/samples", samples.list),
        ("POST", one + "/samples", samples.create),
        ("GET", one + "/samples/{sample}", samples.show),
        ("DELETE", one + "/samples/{sample}", samples.delete),
        ("GET", one + "/samples/{sample}/data", samples.picture),
        ("PUT", one + "/samples/{sample}/annotation", samples.annotate),
        ("DELETE", one + "/samples/{sample}/annotation", samples.clear_annotation),
        ("POST", one + "/invoke", samples.invoke),
    ]
    routes = [Route(path, handler, methods=[method]) for method, path, handler in table]
    api = Starlette(routes=routes, exception_handlers={Refusal: _refused})
    return _limited(Faults(api, settings, counters), settings, counters)


async def _refused(request: Request, refusal: Exception) -> Response:
    if isinstance(refusal, Refusal):
        return answer(refusal.body, refusal.status)
    raise refusal


def _limited(inner: Application, settings: Settings, counters: Counters) -> Application:
    limits = Limits(settings.requests_per_second, settings.concurrent, counters)
    seconds = settings.retry_after_s
    headers = {} if seconds is None else {"Retry-After": str(seconds)}

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if not limits.enter():
            refusal = answer({"message": "Too many requests."}, 429, headers)
            await refusal(scope, receive, send)
            return
        try:
            await inner(scope, receive, send)
        finally:
            limits.leave()

    return application
