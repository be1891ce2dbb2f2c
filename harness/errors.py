"""Every error a person can meet, as one tree.

::

    SightbenchError
    ├── PluginError            a plugin cannot be loaded, or breaks its contract
    │   └── Unavailable        it is fine, but something it needs is missing here
    ├── SpecError              a written choice ("mel[n_mels=64]") makes no sense
    │   ├── UnknownName        no plugin of that name
    │   └── ParameterError     no such parameter, or a value it does not take
    ├── PlanError              the choices do not fit together
    │   └── Inapplicable       an improvement or representation refuses its input
    ├── DatasetError           the recordings as a whole cannot be used
    │   └── BadClips           some clips cannot be used; all of them are listed
    ├── BadClip                one clip cannot be used (raised by ``Dataset.read``)
    ├── SplitError             a split cannot be made, or does not fit the data
    ├── StoreError             results cannot be written or read
    │   └── Spoilt             what was kept is damaged or gone; it can be made again
    ├── ClassifierError        a classifier cannot go on; its cell fails, no other
    │   └── Stopped            it stopped on purpose; what it has can be resumed
    └── ConformanceError       a check that any plugin must pass did not pass
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.strangers.text import words_of

if TYPE_CHECKING:
    from harness.values import Fault


class SightbenchError(Exception):
    """What, where, why and what to do, in a sentence a person can act on."""


class PluginError(SightbenchError):
    """A plugin cannot be loaded, or breaks its contract."""


class Unavailable(PluginError):
    """A plugin is sound, but something that it needs is missing here."""


class SpecError(SightbenchError):
    """A written choice cannot be read."""


class UnknownName(SpecError):
    """No plugin of that kind has this name."""


class ParameterError(SpecError):
    """A plugin has no such parameter, or the parameter does not take this value."""


class PlanError(SightbenchError):
    """The choices of a plan do not fit together."""


class Inapplicable(PlanError):
    """A representation or an improvement cannot do what is asked on this input."""


class DatasetError(SightbenchError):
    """The recordings as a whole cannot be used."""


class BadClips(DatasetError):
    """Some clips cannot be used; ``faults`` lists all of them."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class BadClip(SightbenchError):
    """One clip cannot be used; the message is the reason alone ("is empty")."""


class SplitError(SightbenchError):
    """A split cannot be made, or does not fit the data."""


class StoreError(SightbenchError):
    """Results cannot be written or read."""


class Spoilt(StoreError):
    """What was kept to save time is damaged or gone; it can be made again."""


class ClassifierError(SightbenchError):
    """A classifier cannot go on."""


class Stopped(ClassifierError):
    """A classifier stopped on purpose; its partial record can be resumed."""


class ConformanceError(SightbenchError):
    """A check that any plugin must pass did not pass."""


def one_line(error: BaseException) -> str:
    """Say in one line what went wrong."""
    text = words_of(error) or "no reason given"
    own = isinstance(error, SightbenchError)
    return (text if own else f"{type(error).__name__}: {text}")[:500]
