"""Which installed library a module belongs to, and its version."""

from __future__ import annotations

import sys
import sysconfig
from functools import cache
from importlib import metadata
from pathlib import Path

_OTHER_NAMES = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
}
"""Distributions that are called otherwise than what they install; others are looked up."""


@cache
def _places() -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    paths = sysconfig.get_paths()
    standard = {Path(paths[name]).resolve() for name in ("stdlib", "platstdlib")}
    installed = {Path(paths[name]).resolve() for name in ("purelib", "platlib")}
    installed |= {Path(each).resolve() for each in sys.path if each.endswith("-packages")}
    return tuple(standard), tuple(installed)


def is_own(file: str) -> bool:
    """Say whether a source file is a person's own: of no library, not of Python itself."""
    path = Path(file).resolve()
    standard, installed = _places()
    return not any(path.is_relative_to(place) for place in (*installed, *standard))


def is_standard(name: str) -> bool:
    """Say whether a top-level module is of Python itself."""
    return name in sys.stdlib_module_names or name in sys.builtin_module_names


def library_version(module: str) -> str:
    """Return name and version of the distribution that a top-level module belongs to, if any."""
    for name in (_OTHER_NAMES.get(module, module), *_looked_up(module)):
        if (version := installed_version(name)) is not None:
            return f"{name} {version}"
    return ""


@cache
def installed_version(name: str) -> str | None:
    """Return the version of a distribution; what is imported stays so for the process's life."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


@cache
def _looked_up(module: str) -> tuple[str, ...]:
    if module in _OTHER_NAMES or installed_version(module) is not None:
        return ()
    return tuple(metadata.packages_distributions().get(module, ()))
