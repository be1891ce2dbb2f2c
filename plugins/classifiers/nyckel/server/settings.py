"""What a person can say about the local server."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field

from harness import ParameterError

FAULTS = {
    "latency": "seconds added to every answer",
    "429": "share of requests that meet a burst of 429",
    "500": "share answered 500 or 503, half of them after they were carried out",
    "drop": "share whose connection is dropped, half of them after they were carried out",
    "half-answer": "share carried out, but the answer breaks off in the middle",
    "slow-training": "seconds that training takes longer",
    "token-expiry": "seconds that a token lives",
}
_SHARES = ("429", "500", "drop", "half-answer")


@dataclass(frozen=True, slots=True)
class Settings:
    """The local server's behaviour.

    Parameters
    ----------
    requests_per_second, concurrent
        Beyond these it answers 429.
    visible_after_s
        A new function is 404, a new label or sample not listed, for so long (s).
    settle_s
        Training starts when nothing has changed for so long (s).
    retry_after_s
        The Retry-After header of a 429 (whole seconds); None for none.
    clients
        Secrets by client id; None takes any.
    unique
        What makes a sample a duplicate: "both" (external id or picture), "external", "picture"
        or "nothing": what the real service looks at is not documented.
    faults
        Values by name, see `FAULTS`.
    seed
        Of the faults.
    """

    requests_per_second: float = 25.0
    concurrent: int = 25
    token_s: float = 3600.0
    visible_after_s: float = 0.3
    settle_s: float = 0.3
    retry_after_s: int | None = 1
    clients: dict[str, str] | None = field(default=None, repr=False)
    unique: str = "both"
    faults: dict[str, float] = field(default_factory=dict)
    seed: int = 0

    def fault(self, name: str) -> float:
        """Return a fault's value, 0 where it was not asked for."""
        return self.faults.get(name, 0.0)

    @property
    def token_lifetime_s(self) -> float:
        """How long a token lives (s)."""
        return self.fault("token-expiry") or self.token_s

    def with_faults(self, written: Iterable[str]) -> Settings:
        """Return these settings with faults as written on the command line."""
        return dataclasses.replace(self, faults=parse_faults(written))


def parse_faults(written: Iterable[str]) -> dict[str, float]:
    """Read faults written as ``NAME=VALUE``.

    Raises
    ------
    ParameterError
        There is no such fault, or it does not take this value.
    """
    faults: dict[str, float] = {}
    for each in written:
        name, equals, text = each.partition("=")
        if name not in FAULTS or not equals:
            known = "; ".join(f"{key}= ({meaning})" for key, meaning in FAULTS.items())
            raise ParameterError(f"nyckel-server: --fault {each} is none of {known}.")
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        highest = 1.0 if name in _SHARES else 3600.0
        if not 0.0 <= value <= highest:
            raise ParameterError(
                f"nyckel-server: --fault {each} must be a number from 0 to {highest:g}."
            )
        faults[name] = value
    return faults
