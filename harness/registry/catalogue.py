"""Kind and name to plugin, with "did you mean"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.contracts import PLUGIN_KINDS, LocalClassifier, Plugin, RemoteClassifier
from harness.errors import (
    ParameterError,
    PluginError,
    SightbenchError,
    Unavailable,
    UnknownName,
    one_line,
)
from harness.planning.parameters import Parameter, nearest, parameters, values_of
from harness.planning.specs import Spec
from harness.sources.places import Origin

_SHARED = {"representation": ("improvement",), "improvement": ("representation",)}


@dataclass(frozen=True, slots=True)
class Absent:
    """A module that could not be imported because a package that it needs is not installed."""

    origin: Origin
    reason: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One plugin as a person reads of it.

    Parameters
    ----------
    looks_at
        Of a classifier: pictures, rasters or signals.
    """

    kind: str
    name: str
    version: str
    summary: str
    parameters: tuple[Parameter, ...]
    open_parameters: bool
    origin: Origin
    unavailable: str | None
    looks_at: str | None = None


class Catalogue:
    """All plugins that can be had; some of their modules are loaded when somebody asks for them."""

    def __init__(self) -> None:
        self._classes: dict[str, dict[str, type[Plugin]]] = {kind: {} for kind in PLUGIN_KINDS}
        self._origins: dict[type[Plugin], Origin] = {}
        self._absent: dict[str, Absent] = {}
        self._waiting: dict[str, Callable[[], None]] = {}

    def let_wait(self, name: str, load: Callable[[], None]) -> None:
        """Load a module that offers one plugin when its name is asked for, or all names are."""
        self._waiting[name] = load

    def _load(self, name: str | None = None) -> None:
        """Load what waits under a name; all that waits, where nothing has that name."""
        known = name in self._absent or any(name in named for named in self._classes.values())
        for each in [name] if name in self._waiting else [] if known else list(self._waiting):
            self._waiting.pop(each)()

    def add(self, kind: str, cls: type[Plugin], origin: Origin) -> None:
        """Enter a class that has been admitted.

        Raises
        ------
        PluginError
            Another class has the name; representations and improvements share theirs. Or another
        module offers the same class.
        """
        if cls in self._origins:
            raise PluginError(
                f"{_full_name(cls)} is offered twice, by {self._origins[cls].short} and by "
                f"{origin.short}: leave it out of one of them. {origin.remedy}"
            )
        for shared in (kind, *_SHARED.get(kind, ())):
            other = self._classes[shared].get(cls.name)
            if other is not None:
                raise PluginError(
                    f"Two plugins are called {cls.name!r}: {_full_name(other)} "
                    f"({self._origins[other].short}) and {_full_name(cls)} ({origin.short}). "
                    f"Give one another name. {origin.remedy}"
                )
        self._classes[kind][cls.name] = cls
        self._origins[cls] = origin

    def note_absence(self, absent: Absent) -> None:
        """Remember a module whose plugins cannot be had here; its entry point names it."""
        self._absent[absent.origin.entry] = absent

    @property
    def absent(self) -> tuple[Absent, ...]:
        """The modules that miss a package."""
        self._load()
        return tuple(self._absent.values())

    def names(self, kind: str) -> list[str]:
        """Return the names of all plugins of a kind, sorted."""
        self._load()
        return sorted(self._classes[kind])

    def is_improvement(self, name: str) -> bool:
        """Say whether a name is an improvement's."""
        self._load(name)
        return name in self._classes["improvement"]

    def knows(self, cls: type[Plugin]) -> bool:
        """Say whether a class has been entered."""
        self._load()
        return cls in self._origins

    def classes(self, kind: str) -> list[type[Plugin]]:
        """Return the plugin classes of a kind, sorted by name."""
        return [self._classes[kind][name] for name in self.names(kind)]

    def find(self, kind: str, name: str) -> type[Plugin]:
        """Return the plugin class of that kind and name.

        Raises
        ------
        UnknownName
            There is none; the message has the nearest name and all of them.
        Unavailable
            Its module misses a package.
        """
        self._load(name)
        if name in self._classes[kind]:
            return self._classes[kind][name]
        if name in self._absent:
            raise Unavailable(f"{kind} {name} {self._absent[name].reason}")
        others = [other for other in PLUGIN_KINDS if name in self._classes[other]]
        if others:
            raise UnknownName(
                f"{name!r} is {_with_article(others[0])}, not {_with_article(kind)}. "
                f"{_choices(kind + 's', self.names(kind))}"
            )
        raise UnknownName(
            f"No {kind} is called {name!r}{nearest(name, self.names(kind))}. "
            f"{_choices(kind + 's', self.names(kind))}"
        )

    def build(self, kind: str, spec: Spec, *, available: bool = True) -> Plugin:
        """Make a plugin with the parameters written.

        Parameters
        ----------
        available
            Ask first whether it can be used here; False makes it all the same.

        Raises
        ------
        UnknownName
            There is no such plugin.
        ParameterError
            It has no such parameter, or one is missing, or does not take its value.
        Unavailable
            Something that it needs is missing here.
        """
        cls = self.find(kind, spec.name)
        values = values_of(cls, spec)
        if available and (reason := _unavailable(cls)):
            raise Unavailable(f"{kind} {spec.name} {reason}")
        try:
            return cls(**values)
        except SightbenchError:
            raise
        except (Exception, SystemExit) as error:  # a stranger's plugin
            raise ParameterError(
                f"{kind} {spec} cannot be made ({one_line(error)}). {self._origins[cls].remedy}"
            ) from error

    def origin(self, cls: type[Plugin]) -> Origin:
        """Return where a plugin class came from."""
        return self._origins[cls]

    def listed(self, kind: str) -> list[Listed]:
        """Describe all plugins of a kind, sorted by name."""
        return [self._described(kind, self._classes[kind][name]) for name in self.names(kind)]

    def _described(self, kind: str, cls: type[Plugin]) -> Listed:
        return Listed(
            kind=kind,
            name=cls.name,
            version=cls.version,
            summary=_first_line(cls),
            parameters=tuple(parameters(cls)),
            open_parameters=cls.open_parameters,
            origin=self._origins[cls],
            unavailable=_unavailable(cls),
            looks_at=_looks_at(cls),
        )


def _unavailable(cls: type[Plugin]) -> str | None:
    try:
        return cls.unavailable()
    except (Exception, SystemExit) as error:  # a stranger's plugin
        return f"cannot say whether it can be used here ({one_line(error)})"


def _first_line(cls: type[Plugin]) -> str:
    return (vars(cls).get("__doc__") or "").strip().partition("\n")[0].strip()


def _looks_at(cls: type[Plugin]) -> str | None:
    if issubclass(cls, RemoteClassifier):
        return "pictures"
    return cls.looks_at if issubclass(cls, LocalClassifier) else None


def _full_name(cls: type[Plugin]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _choices(what: str, names: list[str]) -> str:
    return f"The {what} are: {', '.join(names)}." if names else f"There are no {what}."


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
