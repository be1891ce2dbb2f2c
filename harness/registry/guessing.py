"""A path to the dataset that reads it: each dataset says how surely it knows such a path."""

from __future__ import annotations

from pathlib import Path

from harness.contracts import Dataset
from harness.errors import DatasetError, PlanError, one_line
from harness.planning.specs import Spec
from harness.registry.catalogue import Catalogue

NEAR = 0.2
"""Two datasets that are about as sure as this of a path: a person decides."""


def guess_dataset(catalogue: Catalogue, path: Path) -> Spec:
    """Guess which dataset reads a path.

    Raises
    ------
    DatasetError
        There is nothing there, or nothing that any dataset knows.
    PlanError
        Two datasets know it; the message writes out both.
    """
    found = sorted(
        ((_sureness(cls, path.expanduser()), cls.name) for cls in _datasets(catalogue)),
        key=lambda each: (-each[0], each[1]),
    )
    best = [name for sure, name in found if sure > 0 and sure >= found[0][0] - NEAR]
    if not best:
        raise DatasetError(_unknown(catalogue, path))
    specs = [Spec(name, (("path", str(path)),)) for name in best]
    if len(specs) > 1:
        ways = " or ".join(as_flag(spec) for spec in specs)
        raise PlanError(f"{str(path)!r} can be read in more than one way; say which: {ways}")
    return specs[0]


def as_flag(spec: Spec) -> str:
    """Write a dataset as it stands on a command line."""
    text = str(spec)
    return f'-d "{text}"' if "'" in text else f"-d '{text}'"


def _datasets(catalogue: Catalogue) -> list[type[Dataset]]:
    return [cls for cls in catalogue.classes("dataset") if issubclass(cls, Dataset)]


def _sureness(cls: type[Dataset], path: Path) -> float:
    try:
        return float(cls.recognises(path))
    except (Exception, SystemExit) as error:  # a stranger's dataset: it is heard of by its name
        raise DatasetError(
            f"{cls.name} cannot say whether it knows {str(path)!r}: {one_line(error)}"
        ) from error


def _unknown(catalogue: Catalogue, path: Path) -> str:
    names = catalogue.names("dataset")
    if not path.expanduser().exists():
        own = f" It is the name of a dataset: write -d {path}." if str(path) in names else ""
        return f"There is no file or folder {str(path)!r} in {Path.cwd()}.{own}"
    return (
        f"{str(path)!r} is no dataset that is known at sight. Looked for: recordings in one folder "
        "a class (or a zip of them), a table with the columns path and label, long recordings "
        "beside tables of selections, a .ts or .arff file, Kaggle's right whale challenge. Name "
        "the dataset yourself: -d 'labelled-folder[path=…]' (sightbench list dataset has all), "
        "or give a plan, a .toml file."
    )
