"""What a figure was measured on: machine, system, library versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from typing import Any

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


def describe(jobs: int) -> dict[str, Any]:
    """Describe machine and libraries as plain values; nothing that names a person or a host."""
    return {
        "schema": 1,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": _processor(),
        "processors": processors(),
        "jobs": jobs,
        "libraries": {name: version for name in LIBRARIES if (version := _version(name))},
    }


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
