"""Where plugins come from: installed distributions (entry points) and single files."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from harness import hookspecs
from harness.errors import PluginError
from harness.registry.admission import admit_classes, admit_module
from harness.registry.catalogue import Absent, Catalogue
from harness.sources.files import check_file, load_file
from harness.sources.places import Origin
from harness.strangers.text import words_of

GROUP = "harness"
"""The entry-point group; each entry names a module that offers plugins or has hooks."""

OURS = "sightbench"
"""Each of our own modules that stands in the room of a kind offers one plugin, of its entry's name.
"""


@dataclass(frozen=True, slots=True)
class Plugins:
    """All plugins that one call of `load` found.

    Parameters
    ----------
    catalogue
        The plugin classes by kind and name.
    hook
        Calls the event hooks of all modules: ``hook.harness_cell_started(cell=cell)``.
    sources
        Every module that was found, in the order of loading.
    """

    catalogue: Catalogue
    hook: Any
    sources: tuple[Origin, ...]


def load(files: Sequence[Path] = ()) -> Plugins:
    """Load the built-ins, the plugins of installed distributions, and single files.

    Where there are built-ins alone, whose names are known not to clash, each is loaded when it is
    asked for.

    Raises
    ------
    PluginError
        A plugin cannot be imported, breaks its contract, or has the name of another; the
        message names the distribution, the module and the remedy.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    catalogue = Catalogue()
    places = _places(files)
    alone = all(origin.distribution == OURS for origin, _ in places)
    for origin, entry in places:
        load_it = partial(_load, origin, entry, manager, catalogue)
        if alone and origin.module.count(".") > 1:
            catalogue.let_wait(origin.entry, load_it)
        else:
            load_it()
    _check_single_answers(manager)
    return Plugins(catalogue, manager.hook, tuple(origin for origin, _ in places))


def _load(
    origin: Origin,
    entry: metadata.EntryPoint | Path,
    manager: pluggy.PluginManager,
    catalogue: Catalogue,
) -> None:
    """Import a module, admit it, and enter what it offers."""
    module = _imported(origin, entry)
    if isinstance(module, Absent):
        catalogue.note_absence(module)
        return
    admit_module(module, origin)
    manager.register(module, name=f"{origin.entry} ({origin.module})")
    for kind, cls in admit_classes(module, origin):
        catalogue.add(kind, cls, origin)


def _places(files: Sequence[Path]) -> list[tuple[Origin, metadata.EntryPoint | Path]]:
    """List where modules are to be found: sorted, so that no load order is left to chance."""
    places: list[tuple[Origin, metadata.EntryPoint | Path]] = []
    known: dict[int, tuple[str, str]] = {}
    for entry in metadata.entry_points(group=GROUP):
        name, version = _distribution(entry, known)
        places.append((Origin(entry.name, entry.value, name, version), entry))
    places.sort(key=lambda place: (place[0].distribution, place[0].entry, place[0].module))
    for path in dict.fromkeys(file.expanduser().resolve() for file in files):
        places.append((Origin(path.stem, path.name, file=str(path)), path))
    return places


def _distribution(entry: metadata.EntryPoint, known: dict[int, tuple[str, str]]) -> tuple[str, str]:
    """Return name and version of an entry point's distribution, each read off it once."""
    if entry.dist is None:
        return "", ""
    key = id(entry.dist)
    if key not in known:
        known[key] = (entry.dist.name, entry.dist.version)
    return known[key]


def _imported(origin: Origin, entry: metadata.EntryPoint | Path) -> ModuleType | Absent:
    if isinstance(entry, Path):
        check_file(entry)
    try:
        if isinstance(entry, Path):
            return load_file(entry)
        return importlib.import_module(entry.value)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        own = {"", "harness", "plugins", origin.module.partition(".")[0]}
        if missing in own or isinstance(entry, Path):
            raise PluginError(_import_fault(origin, error)) from error
        return Absent(origin, f"needs {missing}, not installed: pip install '{missing}'")
    except (Exception, SystemExit) as error:
        raise PluginError(_import_fault(origin, error)) from error


def _import_fault(origin: Origin, error: BaseException) -> str:
    if isinstance(error, PluginError):
        return f"{origin}: {error} {origin.remedy}"
    words = words_of(error)
    why = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return f"{origin} cannot be imported ({why}). {origin.remedy}"


def _check_single_answers(manager: pluggy.PluginManager) -> None:
    """Refuse two answers to a hook that takes one, which load order would decide otherwise."""
    for hook in vars(manager.hook).values():
        if not isinstance(hook, pluggy.HookCaller) or not (
            hook.spec and hook.spec.opts["firstresult"]
        ):
            continue
        givers = [implementation.plugin_name for implementation in hook.get_hookimpls()]
        if len(givers) > 1:
            raise PluginError(
                f"{hook.name} takes one answer, but is given by {' and by '.join(givers)}. "
                "Uninstall all but one of them."
            )
