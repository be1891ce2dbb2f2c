"""Time series of the UCR / UEA archive, and any file in its .ts format or in ARFF.

aeon, an extra, brings some sets of the archive along and downloads the others; files need none.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

from harness import (
    BadClip,
    Basis,
    Clip,
    Dataset,
    DatasetError,
    Entry,
    ParameterError,
    hookimpl,
    parameter,
)
from plugins.datasets.glimpses import head_of
from plugins.datasets.series_files import SeriesFile, open_series

SPAN_S = 2.0
SUFFIXES = (".ts", ".arff")
SIDES: dict[str, Literal["train", "holdout"]] = {"_TRAIN": "train", "_TEST": "holdout"}
BUNDLED = (
    "ACSF1", "ArrowHead", "BasicMotions", "GunPoint", "ItalyPowerDemand", "JapaneseVowels",
    "OSULeaf", "PickupGestureWiimoteZ",
)  # fmt: skip

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_CASE = re.compile(r"(.*):(\d+)")


@dataclass(frozen=True, kw_only=True)
class TimeSeries(Dataset):
    """A set of the UCR / UEA time series archive by name, or a .ts or .arff file.

    Channels are kept. The archive's own split is each series' `side`, where both files are
    there. The archive does not say how fast series were sampled: without `rate` the longest one
    is taken to last 2 s, so that windows and frequencies that suit a 2 s clip suit it too.
    Padding with NaN at the end is taken off.
    """

    name: ClassVar[str] = "time-series"

    series: str = parameter("", "a set of the archive, such as GunPoint", written="name")
    path: str = parameter("", "a .ts or .arff file, or the beginning of a _TRAIN / _TEST pair")
    rate: float | None = parameter(
        None, "points per second; none: the longest series lasts 2 s", unit="Hz", low=1e-9
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.series and not _NAME.fullmatch(self.series):
            raise ParameterError(f"time-series: name={self.series!r} is no name of a set.")

    @classmethod
    def recognises(cls, path: Path) -> float:
        """Know a .ts or .arff file by its first sign, and the beginning of a pair of them."""
        if path.is_file() and path.suffix.casefold() in SUFFIXES:
            first = head_of(path, 4096).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
            return 0.9 if first in (b"@", b"#", b"%") else 0.0
        try:
            return 0.9 if _files_of(str(path)) and not path.is_file() else 0.0
        except DatasetError:
            return 0.0

    def entries(self) -> Sequence[Entry]:
        """List the series in file order, the training file first."""
        entries: list[Entry] = []
        for file in self._files:
            stem = file.path.stem
            ends = SIDES if len(self._files) > 1 else {}
            side = next((ends[end] for end in ends if stem.endswith(end)), None)
            entries += [
                Entry(
                    id=f"{stem}:{case}",
                    label=label,
                    position=float(len(entries) + case - 1),
                    side=side,
                    where=f"{file.path.name}, series {case} (line {line})",
                    fault=fault,
                )
                for case, (label, fault, line) in enumerate(
                    zip(file.labels, file.faults, file.lines, strict=True), start=1
                )
            ]
        return entries

    def read(self, entry: Entry) -> Clip:
        """Read one series [shape=(channels, n)]."""
        found = _CASE.fullmatch(entry.id)
        file = next((f for f in self._files if found and f.path.stem == found[1]), None)
        if found is None or file is None or not 1 <= int(found[2]) <= len(file.starts):
            raise BadClip(f"is none of the series of {self.series or self.path}")
        place = int(found[2]) - 1
        return Clip(entry.id, file.read(place), self._rate, entry.label, entry.group)

    def basis(self, entry: Entry) -> Basis:
        """Name all files of the set: the longest series of them says how fast all are."""
        return Basis(tuple(str(file.path) for file in self._files))

    @cached_property
    def _files(self) -> tuple[SeriesFile, ...]:
        if bool(self.series) == bool(self.path):
            raise DatasetError(
                "time-series needs either name=SET or path=FILE.ts. Sets that work without a "
                f"network: {', '.join(BUNDLED)}."
            )
        paths = _files_of(self.path) if self.path else _archive_files(self.series)
        return tuple(open_series(path) for path in paths)

    @cached_property
    def _rate(self) -> float:
        longest = max(file.longest for file in self._files)
        return self.rate or longest / SPAN_S


def _files_of(path: str) -> list[Path]:
    """Return the file at a path, or the _TRAIN / _TEST pair that begins with it."""
    given = Path(path).expanduser()
    if given.is_file():
        return [given]
    beginning = given.with_suffix("") if given.suffix in SUFFIXES else given
    if given.is_dir():
        beginning = given / given.name
    pairs = [
        [beginning.with_name(beginning.name + end + suffix) for end in SIDES] for suffix in SUFFIXES
    ]
    for pair in pairs:
        if found := [each for each in pair if each.is_file()]:
            return found
    pair = pairs[0]
    raise DatasetError(
        f"No file {str(given)!r}, and no pair {pair[0].name}, {pair[1].name} (or .arff) in "
        f"{str(pair[0].parent)!r}: check the path."
    )


def _archive_files(name: str) -> list[Path]:
    """Find a set of the archive: inside aeon, among the downloads, or by downloading it."""
    for home in (_aeon_home(), _download_home()):
        found = [home / name / f"{name}{end}.ts" for end in SIDES] if home else []
        if found and all(each.is_file() for each in found):
            return found
    if importlib.util.find_spec("aeon") is None:
        raise DatasetError(
            f"The set {name!r} of the archive needs aeon, not installed: pip install "
            "'sightbench[time-series]', or give a file: path=FILE.ts."
        )
    _download(name, _download_home())
    found = [_download_home() / name / f"{name}{end}.ts" for end in SIDES]
    missing = [str(each) for each in found if not each.is_file()]
    if missing:
        raise DatasetError(f"The download of {name} holds no {missing[0]}: give path= instead.")
    return found


def _aeon_home() -> Path | None:
    spec = importlib.util.find_spec("aeon")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) / "datasets" / "data" if places else None


def _download_home() -> Path:
    """Return where downloads are kept: aeon's own place if it has one, else the user's data."""
    if chosen := os.environ.get("AEON_DATA"):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("sightbench")) / "time-series"


def _download(name: str, home: Path) -> None:
    """Let aeon fetch a set from the archive's home, Zenodo, or from the archive's older site."""
    from aeon.datasets import load_classification
    from aeon.datasets import tsc_datasets as known

    try:
        home.mkdir(parents=True, exist_ok=True)
        if name in getattr(known, "tsc_zenodo", (name,)):
            load_classification(name, extract_path=str(home))
        else:
            from aeon.datasets._data_loaders import download_dataset

            download_dataset(name, save_path=str(home))
    except (OSError, ValueError, ImportError) as error:
        raise DatasetError(
            f"The time series set {name!r} does not come with aeon and could not be downloaded "
            f"({type(error).__name__}: {error}). Check the name and the network, or put "
            f"{name}_TRAIN.ts and {name}_TEST.ts into {str(home / name)!r}. Sets that come with "
            f"aeon: {', '.join(BUNDLED)}."
        ) from error


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [TimeSeries]
