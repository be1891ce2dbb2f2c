"""Where tasks are done, if that is not where the run was started: a worker of another machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.sources.files import SENT

HOST = "SIGHTBENCH_HOST"
"""Names, in the environment of a worker, its machine; not set where the run was started."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a worker of another machine needs to be like those here.

    Parameters
    ----------
    host
        The machine's name.
    folder
        The run's current folder: relative paths are read from it.
    sources
        The folder of plugin files that came along.
    """

    host: str
    folder: str
    sources: str


def settle_in(place: Place) -> None:
    """Make this process one of that place; a folder that is not there is told by the greeting."""
    os.environ[HOST] = place.host
    os.environ[SENT] = place.sources
    with suppress(OSError):
        os.chdir(place.folder)


def write_sources(folder: Path, sources: Mapping[str, bytes]) -> None:
    """Write plugin files that came along where `Place.sources` says."""
    folder.mkdir(parents=True, exist_ok=True)
    for module, source in sources.items():
        (folder / f"{module}.py").write_bytes(source)


def host() -> str:
    """Name the machine that this process works on; empty where the run was started."""
    return os.environ.get(HOST, "")
