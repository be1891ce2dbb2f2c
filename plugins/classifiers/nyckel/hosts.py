"""Which server a URL names, and whether it is the vendor's own or this machine."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness import ParameterError

SERVICE = "https://www.nyckel.com"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_URL = re.compile(r"(https?)://([0-9a-z.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?/?", re.IGNORECASE)
_LABEL = re.compile(r"[0-9a-z](?:[0-9a-z-]{0,61}[0-9a-z])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a server: what a secret belongs to.

    Parameters
    ----------
    host
        In small letters; an IPv6 address without brackets.
    """

    scheme: str
    host: str
    port: int

    @property
    def is_vendor(self) -> bool:
        """True for the vendor's own host, encrypted, at its usual port."""
        return self == parse_origin(SERVICE)

    @property
    def is_loopback(self) -> bool:
        """True where nothing leaves this machine."""
        if self.host == "localhost":
            return True
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        # An IPv4 address written as IPv6 is taken for another host, whatever Python thinks of it.
        return address.is_loopback and getattr(address, "ipv4_mapped", None) is None

    @property
    def place(self) -> str:
        """Host, and the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.place}"


def parse_origin(url: str) -> Origin | None:
    """Return the server that a bare URL names, None where it is not plainly one.

    What two readers could take for two servers names none: a user before "@", a path, letters
    that are not ASCII, a final dot, an address in hexadecimal, octal or with parts left out.
    """
    match = _URL.fullmatch(url)
    if match is None:
        return None
    scheme, host, port = match[1].lower(), match[2].lower(), match[3]
    number = int(port) if port else _PORTS[scheme]
    plain = host.strip("[]")
    if not 0 < number < 65536 or not _is_host(plain, host.startswith("[")):
        return None
    return Origin(scheme, str(ipaddress.ip_address(plain)) if ":" in plain else plain, number)


def _is_host(host: str, bracketed: bool) -> bool:
    labels = host.split(".")
    if bracketed or _NUMBER.fullmatch(labels[-1]):
        try:
            version = ipaddress.ip_address(host).version
        except ValueError:
            return False
        return version == (6 if bracketed else 4)
    return len(host) < 254 and all(_LABEL.fullmatch(label) for label in labels)


def origin_of(server: str) -> Origin:
    """Return the server that a URL names.

    Raises
    ------
    ParameterError
        It names none plainly, or would send the secret in clear text.
    """
    origin = parse_origin(server)
    if origin is None:
        raise ParameterError(
            f"nyckel: server={_shown(server)!r} is not a URL like {SERVICE}: http(s), a host in "
            "plain ASCII letters or a full address, perhaps a port, and no user, path or query."
        )
    if origin.scheme == "http" and not origin.is_loopback:
        raise ParameterError(
            f"nyckel: server={_shown(server)!r} would carry the client secret unencrypted. Use "
            "https, or a server on this machine."
        )
    return origin


def check_server(server: str) -> str:
    """Return the server's URL in its plainest form; errors as for `origin_of`."""
    return str(origin_of(server))


def same_origin(url: str, origin: Origin) -> bool:
    """Say whether a whole URL, path and all, goes to a server."""
    try:
        parts = urlsplit(url)
        return parse_origin(f"{parts.scheme}://{parts.netloc}") == origin
    except ValueError:
        return False


def _shown(server: str) -> str:
    """Show scheme and host alone: a user before "@", a path or a query could be secret."""
    scheme, mark, rest = server.rpartition("://")
    if "@" in rest:
        return f"{scheme[:10]}{mark}***@***"
    return f"{scheme[:10]}{mark}{re.split(r'[/?#]', rest, maxsplit=1)[0][:80]}"
