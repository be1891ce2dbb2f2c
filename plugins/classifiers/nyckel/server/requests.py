"""Reads what a client sent; says what is wrong with it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

MOST_BYTES = 20_000_000


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, **more: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, **more}


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return a JSON answer."""
    from starlette.responses import JSONResponse

    return JSONResponse(body, status, headers)


async def read_bytes(request: Request) -> bytes:
    """Return the body, if it is not too long."""
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > MOST_BYTES:
            raise Refusal(413, "The request is too large.")
        parts.append(part)
    return b"".join(parts)


async def read_json(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object."""
    try:
        body = json.loads(await read_bytes(request))
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "The body must be a JSON object.")
    return body


async def read_form(request: Request) -> dict[str, str]:
    """Return the body as form fields."""
    text = (await read_bytes(request)).decode("utf-8", "replace")
    return {key: values[0] for key, values in parse_qs(text).items()}


def text_of(body: dict[str, Any], key: str, required: bool = False) -> str | None:
    """Return a text field, without surrounding white space."""
    value = body.get(key)
    if value is None and not required:
        return None
    if not isinstance(value, str) or (required and not value.strip()):
        raise Refusal(400, f"{key} must be a text{' that is not empty' if required else ''}.")
    return value.strip()


def number_of(request: Request, key: str, default: int, most: int) -> int:
    """Return a whole number of the query, from 0 to `most`."""
    text = request.query_params.get(key, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refusal(400, f"{key} must be a whole number.")
    return min(int(text), most)


def flag_of(request: Request, key: str) -> bool | None:
    """Return a true or false of the query, None where it is missing."""
    text = request.query_params.get(key, "").lower()
    if text in ("", "true", "false"):
        return None if not text else text == "true"
    raise Refusal(400, f"{key} must be true or false.")


def page(request: Request, items: list[Any], default: int, most: int) -> JSONResponse:
    """Return one page of a list, with a relative link to the next."""
    size = max(1, number_of(request, "batchSize", default, most))
    start = number_of(request, "startIndex", 0, 10**9)
    headers = {}
    if start + size < len(items):
        query = request.url.include_query_params(startIndex=start + size, batchSize=size).query
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return answer(items[start : start + size], headers=headers)


def is_visible(made_at: float, after_s: float) -> bool:
    """Say whether something new shows by now."""
    return time.monotonic() - made_at >= after_s
