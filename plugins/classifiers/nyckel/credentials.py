"""The client id and secret: from the environment or a netrc file, never from a command line.

``NYCKEL_CLIENT_ID`` and ``NYCKEL_CLIENT_SECRET`` belong to the vendor: they go to its own host
and to this machine, to no other. A plan can name any server, so every other one needs an entry
that carries its name. A netrc file's ``default`` entry is never used: it is meant for no one.
"""

from __future__ import annotations

import netrc
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from harness import ClassifierError, Unavailable
from plugins.classifiers.nyckel.hosts import SERVICE, Origin, origin_of

_ID = "NYCKEL_CLIENT_ID"
_SECRET = "NYCKEL_CLIENT_SECRET"  # noqa: S105 (the name of a variable)
HOW_TO = (
    "set NYCKEL_CLIENT_ID and NYCKEL_CLIENT_SECRET (made in Nyckel's console under API), or write "
    "'machine www.nyckel.com login CLIENT_ID password CLIENT_SECRET' into ~/.netrc"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client id and its secret; neither shows in a representation of this value."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


def find_credentials(server: str) -> Credentials:
    """Look up the credentials for a server: the environment first, then the netrc file.

    Raises
    ------
    Unavailable
        There are none of this server's own.
    ClassifierError
        The netrc file cannot be read, or others can read it.
    """
    origin = origin_of(server)
    found = _from_environment(_ending(origin)) or _from_netrc(origin.place)
    if found is None and origin.is_loopback:
        found = _from_netrc(origin.host)
    if found is None:
        raise Unavailable(f"nyckel: no credentials for {origin}: {_how_to(origin)}.")
    return found


def any_credentials() -> bool:
    """Say whether the environment or the netrc file has credentials for any server."""
    named = (name.removeprefix(_ID) for name in os.environ if name.startswith(_ID))
    if any(_from_environment(ending) for ending in named):
        return True
    return any(_from_netrc(machine) for machine in _machines())


def _how_to(origin: Origin) -> str:
    if origin.is_vendor or origin.is_loopback:
        return HOW_TO
    netrc_line = f"'machine {origin.place} login CLIENT_ID password CLIENT_SECRET' into ~/.netrc"
    ending = _ending(origin)
    ways = netrc_line if ending is None else f"{_ID}{ending} and {_SECRET}{ending}"
    ways = f"write {ways}" if ending is None else f"set {ways}, or write {netrc_line}"
    return (
        f"those of {_ID} go to {SERVICE} and to this machine alone. If you trust {origin.place}, "
        f"{ways}"
    )


def _ending(origin: Origin) -> str | None:
    """Return what the names of a server's variables end in, None where it can have none.

    A dot becomes "_", a hyphen "__", and the port comes after "___". No two servers share an
    ending: labels of a host neither begin nor end with a hyphen, and none is empty.
    """
    if origin.is_vendor or origin.is_loopback:
        return ""
    if ":" in origin.host:
        return None
    host, _, port = origin.place.partition(":")
    name = host.upper().replace("-", "__").replace(".", "_")
    return f"_{name}___{port}" if port else f"_{name}"


def _from_environment(ending: str | None) -> Credentials | None:
    if ending is None:
        return None
    client_id = os.environ.get(f"{_ID}{ending}", "").strip()
    secret = os.environ.get(f"{_SECRET}{ending}", "").strip()
    return Credentials(client_id, secret) if client_id and secret else None


def _netrc_path() -> Path:
    return Path(os.environ.get("NETRC") or Path.home() / ".netrc")


def _machines() -> dict[str, tuple[str, str, str]]:
    """Return the entries of the netrc file that name a machine."""
    path = _netrc_path()
    if not path.is_file():
        return {}
    try:
        entries = netrc.netrc(path).hosts
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        # The parser's own message can quote the line, and with it the secret.
        raise ClassifierError(
            f"nyckel: {path} cannot be read as a netrc file. Correct it, or {HOW_TO}."
        ) from None
    # A host that is called "default" would be handed the entry that names none.
    return {name: entry for name, entry in entries.items() if name != "default"}


def _from_netrc(machine: str) -> Credentials | None:
    entry = _machines().get(machine)
    if entry is None or not entry[0] or not entry[2]:
        return None
    path = _netrc_path()
    if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ClassifierError(f"nyckel: others can read {path}. Run: chmod 600 {path}")
    return Credentials(entry[0], entry[2])
