"""What is asked of a plugin module before it may take part: classes, hooks, versions."""

from __future__ import annotations

import dataclasses
import difflib
import importlib.metadata
import inspect
import re
import typing
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from harness import hookspecs
from harness.contracts import (
    PLUGIN_KINDS,
    Classifier,
    LocalClassifier,
    Plugin,
    RasterClassifier,
    Representation,
    SignalClassifier,
)
from harness.errors import PluginError, one_line
from harness.planning.ways import PICTURELESS
from harness.sources.kinds import KINDS
from harness.sources.places import Origin

CLASS_HOOKS = {f"harness_{kind}s": kind for kind in KINDS}
"""The hooks that return classes, and their kind."""

OFFER = "plugins"
"""The module's list of the classes that it offers: the same in one line, and of any kind."""

_MARK = f"{hookspecs.PROJECT}_impl"
_PREFIX = f"{hookspecs.PROJECT}_"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def admit_module(module: ModuleType, origin: Origin) -> None:
    """Check what a module offers, its hooks, and the version of sightbench that it asks for.

    Raises
    ------
    PluginError
        A hook is misspelt, unmarked, or takes what no one gives; nothing is offered; the module
        declares ``requires_harness`` and this version does not fit.
    """
    _check_version(module, origin)
    hooks = dict(_hook_functions(module))
    for name, function in hooks.items():
        _check_hook(name, function, origin)
    if not hooks and not _offered(module, origin):
        raise PluginError(
            f"{origin} offers nothing: write {OFFER} = [{_own_classes(module)}] at its end. "
            f"{origin.remedy}"
        )


def admit_classes(module: ModuleType, origin: Origin) -> Iterator[tuple[str, type[Plugin]]]:
    """Check each class that a module offers, giving kind and class.

    Raises
    ------
    PluginError
        A hook fails or returns no list of classes, a class breaks its contract, or is offered
        twice.
    """
    seen: set[type] = set()
    for where, kinds, cls in _all_offered(module, origin):
        fault = class_fault(cls, kinds)
        if fault:
            raise PluginError(f"{origin}: {where} {_titled(cls)}, {fault}. {origin.remedy}")
        if cls in seen:
            raise PluginError(
                f"{origin} offers {_titled(cls)} twice: name it once, in {OFFER} or in a hook. "
                f"{origin.remedy}"
            )
        seen.add(cls)
        yield cls.kind, cls


def _all_offered(
    module: ModuleType, origin: Origin
) -> Iterator[tuple[str, tuple[str, ...], type[Plugin]]]:
    """Give what a module offers: where that was said, the kinds allowed there, the class."""
    for name, function in _hook_functions(module):
        kind = CLASS_HOOKS.get(_spec_name(name, function))
        if kind is None:
            continue
        try:
            classes = function()
        except Exception as error:
            raise PluginError(
                f"{origin}: {name}() failed ({one_line(error)}). {origin.remedy}"
            ) from error
        if not isinstance(classes, (list, tuple)):
            raise PluginError(
                f"{origin}: {name}() must return a list of classes, not {classes!r}. "
                f"{origin.remedy}"
            )
        yield from ((f"{name}() returned", (kind,), cls) for cls in classes)
    for cls in _offered(module, origin):
        yield f"{OFFER} has", tuple(PLUGIN_KINDS), cls


def _offered(module: ModuleType, origin: Origin) -> Sequence[Any]:
    """Return what stands in the module's own list; a package may have a part of that name."""
    offered = vars(module).get(OFFER, ())
    if isinstance(offered, ModuleType):
        return ()
    if not isinstance(offered, (list, tuple)):
        raise PluginError(
            f"{origin}: {OFFER} must be a list of classes, not {offered!r}. {origin.remedy}"
        )
    return offered


def _own_classes(module: ModuleType) -> str:
    """Name the plugin classes that a module defines, or one that it might."""
    own = [
        name
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Plugin)
        and value.__module__ == module.__name__
        and not inspect.isabstract(value)
    ]
    return ", ".join(own) or "MyFilter"


def hook_signatures() -> dict[str, inspect.Signature]:
    """Return every hook that a plugin module may implement, in the order of a run."""
    return {
        name: inspect.signature(function)
        for name, function in vars(hookspecs).items()
        if hasattr(function, f"{hookspecs.PROJECT}_spec")
    }


def _hook_functions(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Find what is a hook, or was probably meant as one."""
    for name, value in sorted(vars(module).items()):
        marked = inspect.isfunction(value) and hasattr(value, _MARK)
        if marked or (inspect.isfunction(value) and name.startswith(_PREFIX)):
            yield name, value


def _spec_name(name: str, function: Any) -> str:
    options: dict[str, Any] = getattr(function, _MARK, None) or {}
    return str(options.get("specname") or name)


def _check_hook(name: str, function: Any, origin: Origin) -> None:
    signatures = hook_signatures()
    wanted = _spec_name(name, function)
    if wanted not in signatures:
        close = difflib.get_close_matches(wanted, signatures, n=1)
        meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(signatures)}."
        raise PluginError(f"{origin}: no hook is called {wanted}; {meant} {origin.remedy}")
    if not hasattr(function, _MARK):
        raise PluginError(f"{origin}: {name} is not marked with @hookimpl. {origin.remedy}")
    unknown = [key for key in inspect.signature(function).parameters
               if key not in signatures[wanted].parameters]  # fmt: skip
    if unknown:
        raise PluginError(
            f"{origin}: {name} asks for {', '.join(unknown)}, but the hook is "
            f"{wanted}({', '.join(signatures[wanted].parameters)}). {origin.remedy}"
        )


def _check_version(module: ModuleType, origin: Origin) -> None:
    wanted = getattr(module, "requires_harness", None)
    if wanted is None:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    here = importlib.metadata.version("sightbench")
    try:
        fits = SpecifierSet(wanted).contains(here, prereleases=True)
    except (InvalidSpecifier, TypeError, AttributeError) as error:
        raise PluginError(
            f"{origin}: requires_harness = {wanted!r} is no version specifier such as "
            f'">=0.1,<2". {origin.remedy}'
        ) from error
    if not fits:
        raise PluginError(
            f"{origin} needs sightbench {wanted}, here is {here}. Install a version that fits "
            f"(pip install 'sightbench{wanted}'). {origin.remedy}"
        )


def _titled(cls: Any) -> str:
    return f"the class {cls.__name__}" if isinstance(cls, type) else repr(cls)


def class_fault(cls: Any, kinds: tuple[str, ...]) -> str | None:
    """Say what keeps a class from being a plugin of one of these kinds."""
    bases = tuple(base for kind in kinds for base in PLUGIN_KINDS[kind])
    if not isinstance(cls, type):
        return "which is not a class"
    if not issubclass(cls, bases):
        return f"which is not a subclass of {' or '.join(base.__name__ for base in bases)}"
    missing = sorted(getattr(cls, "__abstractmethods__", ()))
    if missing:
        return f"which lacks the method {' and '.join(missing)}"
    name = getattr(cls, "name", None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return f'whose name is {name!r}: write name = "lower-case-words" in it'
    if name in PICTURELESS and issubclass(cls, Representation):
        return (
            f"whose name is {name!r}, which stands for cells without a picture: call it otherwise"
        )
    return _variable_fault(cls) or _field_fault(cls)


def _variable_fault(cls: type[Plugin]) -> str | None:
    """Say which of the contract's variables has another type than the contract's own."""
    if not isinstance(cls.version, str):
        return f'whose version is {cls.version!r}: write version = "{cls.version}"'
    for key in ("requires", "needs", "axes"):
        value = getattr(cls, key, ())
        if isinstance(value, str):
            return f'whose {key} is the text {value!r}: write {key} = ("{value}",)'
    return _looking_fault(cls) if issubclass(cls, LocalClassifier) else None


def _looking_fault(cls: type[LocalClassifier]) -> str | None:
    """Say whether a classifier's ``looks_at`` is another than that of the class it is made of."""
    bases = {base.looks_at: base for base in (Classifier, RasterClassifier, SignalClassifier)}
    if issubclass(cls, bases.get(cls.looks_at, Plugin)) and cls.looks_at in bases:
        return None
    known = ", ".join(f"{base.__name__} for {what}" for what, base in bases.items())
    return f"whose looks_at is {cls.looks_at!r}: leave it out, and take the base ({known})"


def _field_fault(cls: type[Plugin]) -> str | None:
    try:
        typing.get_type_hints(cls)
    except Exception as error:
        return f"whose annotations cannot be evaluated ({one_line(error)})"
    for each in dataclasses.fields(cls):
        if not each.init or each.name.startswith("_"):
            return f"whose field {each.name!r} cannot be a parameter"
    return None
