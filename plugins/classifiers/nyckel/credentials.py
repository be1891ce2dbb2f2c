"""The client id and secret: from the environment or a netrc file, never from a command line."""

from __future__ import annotations

import netrc
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from harness import ClassifierError, ParameterError, Unavailable

SERVICE = "https://www.nyckel.com"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
HOW_TO = (
    "set NYCKEL_CLIENT_ID and NYCKEL_CLIENT_SECRET (made in Nyckel's console under API), or write "
    "'machine www.nyckel.com login CLIENT_ID password CLIENT_SECRET' into ~/.netrc"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client id and its secret; the secret shows in no representation of this value."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


def check_server(server: str) -> str:
    """Return the server's URL without a final slash.

    Raises
    ------
    ParameterError
        It is no http(s) URL, holds a user or a query, or would send the secret in clear text.
    """
    url = urlsplit(server)
    plain = url.username is None and not (url.query or url.fragment)
    if url.scheme not in ("http", "https") or not url.hostname or not plain:
        raise ParameterError(
            f"nyckel: server={_without_user(server)!r} is not a URL like {SERVICE}."
        )
    if url.scheme == "http" and url.hostname not in LOOPBACK:
        raise ParameterError(
            f"nyckel: server={server!r} would carry the client secret unencrypted. Use https, "
            "or a server on this machine."
        )
    return server.rstrip("/")


def _without_user(server: str) -> str:
    return server.rsplit("@", 1)[-1]


def is_loopback(server: str) -> bool:
    """Say whether a URL stays on this machine."""
    return urlsplit(server).hostname in LOOPBACK


def find_credentials(server: str) -> Credentials:
    """Look up the credentials for a server: the environment first, then the netrc file.

    Raises
    ------
    Unavailable
        There are none.
    ClassifierError
        The netrc file cannot be read, or others can read it.
    """
    found = _from_environment() or _from_netrc(urlsplit(server).hostname or "")
    if found is None:
        raise Unavailable(f"nyckel: no credentials for {server}: {HOW_TO}.")
    return found


def any_credentials() -> bool:
    """Say whether the environment or the netrc file has credentials for any likely server."""
    if _from_environment():
        return True
    return any(_from_netrc(host) for host in (urlsplit(SERVICE).hostname or "", *LOOPBACK))


def _from_environment() -> Credentials | None:
    client_id = os.environ.get("NYCKEL_CLIENT_ID", "").strip()
    secret = os.environ.get("NYCKEL_CLIENT_SECRET", "").strip()
    return Credentials(client_id, secret) if client_id and secret else None


def _from_netrc(host: str) -> Credentials | None:
    path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    if not path.is_file():
        return None
    try:
        entry = netrc.netrc(path).hosts.get(host)
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        # The parser's own message can quote the line, and with it the secret.
        raise ClassifierError(
            f"nyckel: {path} cannot be read as a netrc file. Correct it, or {HOW_TO}."
        ) from None
    if entry is None or not entry[0] or not entry[2]:
        return None
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ClassifierError(f"nyckel: others can read {path}. Run: chmod 600 {path}")
    return Credentials(entry[0], entry[2])
