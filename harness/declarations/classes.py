"""A plugin's class statement becomes a frozen dataclass; its mistakes get one sentence each."""

# ruff: noqa: N805 (the first argument of a metaclass's method is a class)
from __future__ import annotations

import copy
import dataclasses
import inspect
import re
import typing
from abc import ABCMeta
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from harness.errors import PluginError

if TYPE_CHECKING:
    _Meta = ABCMeta
else:
    # That of protocols, itself an ABCMeta, so that a plugin may name a protocol beside its base.
    _Meta = type(Protocol)

_CORE = __name__.partition(".")[0]
_AS_WRITTEN = "__as_written__"
_BEGIN = "__dataclass_params__"
"""What `dataclasses.dataclass` sets before anything else."""


@typing.dataclass_transform(frozen_default=True, kw_only_default=True)
class PluginType(_Meta):
    """The class of plugin classes: makes each a dataclass, frozen, with keyword parameters.

    ``@dataclass`` on such a class is allowed, for plugins have been written so: it begins anew
    from the class as it was written.

    Raises
    ------
    PluginError
        A parameter has no type, or a default that can be changed, or the name of something that
        the contract itself declares.
    """

    def __init__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> None:
        super().__init__(name, bases, namespace, **options)
        if "__dataclass_fields__" in vars(cls):
            return  # the copy that `@dataclass(slots=True)` makes of a finished class
        _keep_class_variables(cls)
        faults = [fault for key in _parameters(cls) if (fault := _fault(cls, key))]
        if faults:
            raise PluginError(f"{cls.__qualname__}: {'; '.join(faults)}.")
        before = {key: copy.copy(value) if isinstance(value, Field) else value
                  for key, value in vars(cls).items()}  # fmt: skip
        dataclasses.dataclass(frozen=True, kw_only=True)(typing.cast(type, cls))
        type.__setattr__(cls, _AS_WRITTEN, _differences(before, vars(cls)))

    # A plugin is no protocol: the questions that protocols ask are left out.
    __instancecheck__ = ABCMeta.__instancecheck__
    __subclasscheck__ = ABCMeta.__subclasscheck__

    def __setattr__(cls, name: str, value: Any) -> None:
        if name == _BEGIN and _AS_WRITTEN in vars(cls):
            for key, written in vars(cls)[_AS_WRITTEN].items():
                if written is MISSING:
                    type.__delattr__(cls, key)
                else:
                    type.__setattr__(cls, key, written)
            type.__delattr__(cls, _AS_WRITTEN)
        super().__setattr__(name, value)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was there before of all that differs now; MISSING for what is new."""
    changed = [key for key, value in after.items() if before.get(key, MISSING) is not value]
    gone = [key for key in before if key not in after]
    return {key: before.get(key, MISSING) for key in (*changed, *gone)}


def _keep_class_variables(cls: type) -> None:
    """Let ``name: str = "mel"`` mean the class variable that the contract declares."""
    annotations = inspect.get_annotations(cls)
    kept = {
        key: ClassVar[hint]
        for key, hint in annotations.items()
        if not _says_class_variable(hint)
        and not isinstance(vars(cls).get(key), Field)
        and any(key in inspect.get_annotations(base) for base in _core_bases(cls))
    }
    if kept:
        cls.__annotations__ = {**annotations, **kept}


def _parameters(cls: type) -> list[str]:
    """Name what a class itself declares as parameters, rightly or wrongly."""
    annotations = inspect.get_annotations(cls)
    annotated = [key for key, hint in annotations.items() if not _says_class_variable(hint)]
    bare = [key for key, value in vars(cls).items() if isinstance(value, Field)]
    return [*annotated, *(key for key in bare if key not in annotations)]


def _fault(cls: type, key: str) -> str | None:
    """Say what keeps something from being a parameter."""
    value = vars(cls).get(key, MISSING)
    if any(key in {**vars(base), **inspect.get_annotations(base)} for base in _core_bases(cls)):
        return (
            f"no field can be called {key}, which means something else in {_CORE}; call it "
            f'otherwise, and {key} in the brackets: parameter(..., written="{key}")'
        )
    if key not in inspect.get_annotations(cls):
        return f"{key} = parameter(...) has no type; write {key}: float = parameter(...), or so"
    made = isinstance(value, Field) and value.default_factory is not MISSING
    default = value.default if isinstance(value, Field) else value
    if made or type(default).__hash__ is None:
        return (
            f"the default of {key} can be changed, and all would share it; write a number, a text "
            "or a tuple"
        )
    return None


def _core_bases(cls: type) -> Iterator[type]:
    """Give the bases that the core itself declares: what they name is taken."""
    return (base for base in cls.__mro__[1:] if base.__module__.partition(".")[0] == _CORE)


def _says_class_variable(hint: Any) -> bool:
    text = hint if isinstance(hint, str) else str(typing.get_origin(hint) or hint)
    return re.match(r"(\w+\.)*ClassVar\b", text) is not None
