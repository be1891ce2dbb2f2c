"""How this machine calls the service: where, as whom, how fast, how patiently."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugins.classifiers.nyckel.attempts import Patience
from plugins.classifiers.nyckel.credentials import Credentials
from plugins.classifiers.nyckel.limiter import Limiter
from plugins.classifiers.nyckel.meter import Meter
from plugins.classifiers.nyckel.service import Service


@dataclass(frozen=True, slots=True)
class Account:
    """What every process that calls the service must know; its secret shows nowhere.

    Parameters
    ----------
    server
        The base URL.
    per_second, concurrent
        The service's limits.
    """

    server: str
    credentials: Credentials
    per_second: float
    concurrent: int
    patience: Patience

    def service(self, meter: Meter) -> Service:
        """Return the service as this process calls it."""
        limiter = Limiter(self.per_second, self.concurrent)
        return Service(self.server, self.credentials, limiter, self.patience, meter)

    def to_json(self) -> dict[str, Any]:
        """Return plain values, the secret among them: for a courier's ears alone."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Account:
        """Make it again from plain values."""
        credentials = Credentials(**values["credentials"])
        return cls(
            **{**values, "credentials": credentials, "patience": Patience(**values["patience"])}
        )
