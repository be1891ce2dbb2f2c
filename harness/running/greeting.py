"""A worker of another machine shows, before any task, that it is like those here.

It must see the folders of results, cache and recordings, and have the versions and the sources
that figures depend on: else pictures and predictions would not be those of a run on one machine.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.contracts import Dataset, Plugin
from harness.errors import one_line
from harness.measuring.environment import LIBRARIES, processor_features
from harness.running.parcels import pack, unpack, unwrapped, wrapped
from harness.running.scratch import scratch_folder
from harness.sources.digests import plugin_key, source_digest
from harness.strangers.text import printable
from harness.values import Lost, Reply

COMPARED = (*LIBRARIES, "matplotlib", "pebble", "pillow", "soxr")
"""Distributions whose versions must agree, beside those that plugins import."""
SHOWN_BYTES = 2**16
"""Of a file of recordings, so much shows that it is the same; of a folder its names do."""
PATIENCE_S = 10.0
"""A shared folder may show a new file to other machines so much later."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder in which workers write: what it is for, and the option that names another."""

    what: str
    folder: str
    option: str


@dataclass(frozen=True, slots=True)
class Travelling:
    """A plugin as bytes, and what its output depends on here."""

    title: str
    content: bytes
    key: str


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a worker is to be like.

    Parameters
    ----------
    folder
        The current folder.
    token
        Stands in a file in each folder of `kept`.
    marks
        What shows that recordings are the same, by path.
    versions
        By distribution; Python's own too.
    """

    folder: str
    token: str
    kept: tuple[Kept, ...]
    marks: Mapping[str, str]
    versions: Mapping[str, str]
    source: str
    plugins: tuple[Travelling, ...]
    processor: str


@dataclass(frozen=True, slots=True)
class Greeted:
    """What a worker is not like, one sentence each; and the files that it wrote, with the folder
    that each was for."""

    faults: tuple[str, ...]
    written: tuple[tuple[Kept, str], ...]
    processor: str


def greet(greeting: Greeting) -> Greeted:
    """Look around on a worker."""
    faults = [*_other_versions(greeting), *_other_plugins(greeting)]
    if not Path(greeting.folder).is_dir():
        faults.append(
            f"does not see the current folder, {greeting.folder}: start the run in a folder that "
            "all machines share"
        )
    faults += [
        f"does not see the recordings {path} as they are here: put them where all machines see "
        "them, under the same path"
        for path, mark in greeting.marks.items()
        if mark_of(path) != mark
    ]
    written = []
    for kept in greeting.kept:
        try:
            written.append((kept, _write_back(Path(kept.folder), greeting.token)))
        except OSError as error:
            faults.append(_unseen(kept, one_line(error)))
    return Greeted(tuple(faults), tuple(written), processor_features())


def _unseen(kept: Kept, why: str) -> str:
    place = Path(kept.folder).parent
    return (
        f"does not share the folder of {kept.what}, {place} ({why}): name one that all machines "
        f"see and may write ({kept.option})"
    )


def _write_back(folder: Path, token: str) -> str:
    """Read what the greeting's sender wrote and write it down again; return the file."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            if (folder / "token").read_text(encoding="utf-8") == token:
                break
            raise OSError("another file stands there")
        except OSError:
            if time.monotonic() > until or not folder.is_dir():
                raise
            time.sleep(0.2)
    name = secrets.token_hex(8)
    (folder / name).write_text(token, encoding="utf-8")
    return name


def versions_here(names: Sequence[str]) -> dict[str, str]:
    """Return the versions of Python and of some distributions; empty where one is missing."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in names:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def own_source() -> str:
    """Hash the source of sightbench itself: a version may stand for several states of it."""
    root = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _other_versions(greeting: Greeting) -> Iterator[str]:
    here = versions_here(list(greeting.versions))
    for name, version in greeting.versions.items():
        found = here.get(name, "")
        if found != version:
            have = f"has {name} {found}" if found else f"has no {name}"
            remedy = (
                f"pip install {name}=={version}" if name != "Python" else f"use Python {version}"
            )
            yield f"{have}, the run {version}: {remedy} there"
    same = here.get("sightbench") == greeting.versions.get("sightbench")
    if same and own_source() != greeting.source:
        yield (
            "has another state of sightbench of the same version: install the same there as here"
        )


def _other_plugins(greeting: Greeting) -> Iterator[str]:
    for each in greeting.plugins:
        try:
            key = key_of(unwrapped(each.content))
        except (Exception, SystemExit) as error:  # a stranger's plugin
            yield f"cannot load {each.title} ({one_line(error)}): install its plugin there too"
            continue
        if key != each.key:
            yield (
                f"has another {each.title}: its source, a library that it imports or a file that "
                f"it reads differs; install the same there as here"
            )


def key_of(plugin: Plugin) -> str:
    """Write down what a plugin's output depends on; of recordings, their reader alone."""
    return source_digest(type(plugin)) if isinstance(plugin, Dataset) else plugin_key(plugin)


def mark_of(path: str) -> str:
    """Hash what shows that recordings are the same; empty where there are none."""
    place = Path(path).expanduser()
    try:
        if place.is_dir():
            text = b"\n".join(sorted(os.fsencode(each.name) for each in os.scandir(place)))
        else:
            with place.open("rb") as file:
                text = f"{place.stat().st_size} ".encode() + file.read(SHOWN_BYTES)
    except (OSError, ValueError):
        return ""
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def marks_of(dataset: Dataset) -> dict[str, str]:
    """Mark the files and folders that a dataset's parameters name."""
    values: list[Any] = [getattr(dataset, each.name) for each in fields(dataset)]
    texts = [str(each) for each in (*values, *dataset.files()) if isinstance(each, (str, Path))]
    return {text: mark for text in texts if text and (mark := mark_of(text))}


@dataclass
class Greeter:
    """Makes the greeting of a run when the first worker needs it, and reads the answers.

    Parameters
    ----------
    homes
        What the folders are for in which workers write, where they are, and their option.
    """

    dataset: Dataset
    plugins: Sequence[Plugin]
    homes: Sequence[tuple[str, Path, str]]
    tell: Any
    stack: ExitStack
    _told: set[str] = field(default_factory=set)

    @cached_property
    def greeting(self) -> Greeting:
        """The greeting; its files are there until the run ends."""
        token = secrets.token_hex(16)
        kept = []
        for what, home, option in self.homes:
            if not home.exists():
                self.stack.callback(_remove_empty, home.absolute())
            folder = self.stack.enter_context(scratch_folder(home.absolute()))
            (folder / "token").write_text(token, encoding="utf-8")
            kept.append(Kept(what, str(folder), option))
        return Greeting(
            folder=str(Path.cwd()),
            token=token,
            kept=tuple(kept),
            marks=marks_of(self.dataset),
            versions=versions_here(COMPARED),
            source=own_source(),
            plugins=tuple(
                Travelling(f"{each.kind} {each.name}", wrapped(each), key_of(each))
                for each in (self.dataset, *self.plugins)
            ),
            processor=processor_features(),
        )

    def parcel(self) -> bytes:
        """Return the greeting as a task."""
        packed = pack(greet, self.greeting)
        assert isinstance(packed, bytes)
        return packed

    def judge(self, reply: Reply | Lost) -> str:
        """Say why a worker cannot help, in a sentence without its subject; empty if it can."""
        try:
            found = unpack(reply) if isinstance(reply, Reply) else reply
        except Exception as error:  # what is installed there raised it
            found = Lost(one_line(error))
        if isinstance(found, Lost):
            return printable(f"cannot begin: {found.reason}; install the same there as here")
        lost = [_lost_write(kept, name, self.greeting.token) for kept, name in found.written]
        faults = [*found.faults, *lost]
        if found.processor != self.greeting.processor and "processor" not in self._told:
            self._told.add("processor")
            self.tell(
                "Some workers have another kind of processor than this machine: last digits of "
                "figures may depend on where a cell ran."
            )
        return printable("; ".join(filter(None, faults)))


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _lost_write(kept: Kept, name: str, token: str) -> str:
    """Say that what a worker wrote is not to be seen here, if so."""
    path, until = Path(kept.folder) / name, time.monotonic() + PATIENCE_S
    while True:
        try:
            if path.read_text(encoding="utf-8") == token:
                return ""
        except OSError:
            pass
        if time.monotonic() > until:
            return _unseen(kept, "what it writes there is not seen here")
        time.sleep(0.2)


@contextmanager
def greeter(
    dataset: Dataset,
    plugins: Sequence[Plugin],
    homes: Sequence[tuple[str, Path, str]],
    tell: Any,
) -> Iterator[Greeter]:
    """Give what greets workers of other machines; its files are gone afterwards."""
    with ExitStack() as stack:
        yield Greeter(dataset, plugins, homes, tell, stack)
