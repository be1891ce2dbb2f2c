"""All that a plugin author imports; each name is loaded when it is first used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.contracts import Classifier as Classifier
    from harness.contracts import Dataset as Dataset
    from harness.contracts import Estimate as Estimate
    from harness.contracts import Fitted as Fitted
    from harness.contracts import Improvement as Improvement
    from harness.contracts import Job as Job
    from harness.contracts import Plot as Plot
    from harness.contracts import RemoteClassifier as RemoteClassifier
    from harness.contracts import RemoteFitted as RemoteFitted
    from harness.contracts import Representation as Representation
    from harness.contracts import parameter as parameter
    from harness.errors import BadClip as BadClip
    from harness.errors import ClassifierError as ClassifierError
    from harness.errors import DatasetError as DatasetError
    from harness.errors import Inapplicable as Inapplicable
    from harness.errors import ParameterError as ParameterError
    from harness.errors import SightbenchError as SightbenchError
    from harness.errors import Stopped as Stopped
    from harness.errors import Unavailable as Unavailable
    from harness.hookspecs import hookimpl as hookimpl
    from harness.levels import decibels as decibels
    from harness.values import Axis as Axis
    from harness.values import Clip as Clip
    from harness.values import Costs as Costs
    from harness.values import Entry as Entry
    from harness.values import Features as Features
    from harness.values import Pictures as Pictures
    from harness.values import PictureSettings as PictureSettings
    from harness.values import Predictions as Predictions
    from harness.values import Raster as Raster
    from harness.values import Signals as Signals

_HOMES = {
    "contracts": (
        "Classifier", "Dataset", "Estimate", "Fitted", "Improvement", "Job", "Plot",
        "RemoteClassifier", "RemoteFitted", "Representation", "parameter",
    ),
    "errors": (
        "BadClip", "ClassifierError", "DatasetError", "Inapplicable", "ParameterError",
        "SightbenchError", "Stopped", "Unavailable",
    ),
    "hookspecs": ("hookimpl",),
    "levels": ("decibels",),
    "values": (
        "Axis", "Clip", "Costs", "Entry", "Features", "PictureSettings", "Pictures",
        "Predictions", "Raster", "Signals",
    ),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"harness.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
