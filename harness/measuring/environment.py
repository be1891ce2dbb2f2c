"""What a figure was measured on: machine, system, library versions."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass

LIBRARIES = (
    "sightbench",
    "numpy",
    "scipy",
    "librosa",
    "scikit-learn",
    "scikit-image",
    "opencv-python-headless",
    "simplejpeg",
    "soundfile",
    "pluggy",
)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Environment:
    """Machine, system and libraries; nothing that names a person or a host.

    Parameters
    ----------
    processors
        How many this process may use.
    jobs
        Worker processes.
    libraries
        Versions, by distribution.
    """

    python: str
    system: str
    machine: str
    processor: str
    processors: int
    jobs: int
    libraries: Mapping[str, str]


def describe(jobs: int) -> Environment:
    """Describe this machine and what is installed."""
    return Environment(
        python=platform.python_version(),
        system=platform.system(),
        machine=platform.machine(),
        processor=_processor(),
        processors=processors(),
        jobs=jobs,
        libraries={name: version for name in LIBRARIES if (version := _version(name))},
    )


def processor_features() -> str:
    """Hash what this processor can do: two of one name may differ, and round otherwise."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123
            found = [line for line in lines if line.startswith(("flags", "Features"))]
    except OSError:
        return ""
    words = sorted(found[0].partition(":")[2].split()) if found else []
    return hashlib.blake2b(" ".join(words).encode(), digest_size=4).hexdigest() if words else ""


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123
            names = [
                line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
            ]
        return names[0] if names else platform.processor()
    except OSError:
        return platform.processor()
