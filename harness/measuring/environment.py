"""What a figure was measured on: machine, system, library versions."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LIBRARIES = (
    "sightbench",
    "numpy",
    "scipy",
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


def memory_bytes() -> int:
    """Return how much memory this process may use: the machine's, or less by its control group;
    0 where that cannot be told."""
    try:
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    except (AttributeError, OSError, ValueError):
        return 0
    for limit in _GROUP_LIMITS:
        with suppress(OSError, ValueError):  # "max", or no such file
            found.append(int(Path(limit).read_text(encoding="ascii")))
    return max(0, min(found))


_GROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def graphics_processors() -> int:
    """Return how many GPUs this process may use: what CUDA_VISIBLE_DEVICES names, or all."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return len([each for each in named.split(",") if each.strip() not in ("", "-1")])
    return len(list(Path("/dev").glob("nvidia[0-9]*")))


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
