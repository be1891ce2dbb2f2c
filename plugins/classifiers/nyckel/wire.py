"""What `requests` must be told, and how its troubles read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


class Broken(Exception):
    """One attempt broke; the message is the reason alone."""

    def __init__(self, why: str, sent: bool = True) -> None:
        super().__init__(why)
        self.sent = sent


class Authorisation:
    """Sets the header; without an auth object, requests would send a netrc entry instead."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, prepared: Any) -> Any:
        if self._token:
            prepared.headers["Authorization"] = f"Bearer {self._token}"
        return prepared


def was_sent(error: Exception) -> bool:
    """Say whether anything of a broken request may have reached the service."""
    import requests

    cause = getattr(error.args[0], "reason", None) if error.args else None
    unsent = type(cause).__name__ in ("NewConnectionError", "NameResolutionError")
    return not (unsent or isinstance(error, requests.ConnectTimeout))


def next_path(reply: Any) -> str | None:
    """Return where the next page is, without scheme and host: a token goes to no other server."""
    link = reply.links.get("next", {}).get("url", "")
    if not link:
        return None
    url = urlsplit(link)
    return f"{url.path}?{url.query}" if url.query else str(url.path)
