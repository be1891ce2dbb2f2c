"""Small frozen values that travel between rooms; arrays in them are read-only."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Scale = Literal["power", "db", "coverage"]
Side = Literal["train", "holdout"]


def _frozen(values: ArrayLike, dtype: type[Any], dimensions: int, what: str) -> NDArray[Any]:
    array = np.asarray(values, dtype=dtype)
    if array.ndim != dimensions:
        raise ValueError(
            f"{what} must have {dimensions} dimensions, got {array.ndim} (shape {array.shape})"
        )
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one clip cannot be used, and the file or row where that was seen."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not to be had, in the place where it would be: why, and the traceback if one is."""

    reason: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """What is left of a task whose process was stopped or died.

    Parameters
    ----------
    machine
        The machine went, not the task's own process: nothing says that the task was to blame.
    """

    reason: str
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Resources:
    """What a task needs of the machine that does it, or what a machine has.

    Parameters
    ----------
    cores
        Processors: so many threads may work at a time.
    memory
        Bytes; 0 where nothing is said.
    gpus
        Graphics processors.
    """

    cores: int = 1
    memory: int = 0
    gpus: int = 0

    def __post_init__(self) -> None:
        for name, low in (("cores", 1), ("memory", 0), ("gpus", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < low:
                raise ValueError(f"Resources.{name} is a whole number from {low}, got {value!r}")

    def __str__(self) -> str:
        memory = [f"{self.memory / 1e9:.3g} GB of memory"] if self.memory else []
        gpus = [f"{self.gpus} GPU{'s' * (self.gpus > 1)}"] if self.gpus else []
        return ", ".join([f"{self.cores} core{'s' * (self.cores > 1)}", *memory, *gpus])

    def lacking_in(self, there: Resources) -> str:
        """Say which memory or GPUs a machine has too few of; empty where it has enough.

        Cores are no reason not to begin: with fewer the same is done, in more time.
        """
        lacks = []
        if there.memory and self.memory > there.memory:
            lacks.append(f"{self.memory / 1e9:.3g} GB of memory")
        if self.gpus > there.gpus:
            lacks.append(f"{self.gpus} GPU{'s' * (self.gpus > 1)}")
        return " and ".join(lacks)

    @classmethod
    def most(cls, several: Iterable[Resources]) -> Resources:
        """Return what is enough for each of several."""
        every = [cls(), *several]
        return cls(*(max(getattr(each, name) for each in every) for name in cls.__slots__))


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a task, on its way back.

    Parameters
    ----------
    content
        The result, or the error that was raised, as bytes; None where there is neither.
    words
        Why there is no content, or what to say where it cannot be read.
    """

    content: bytes | None
    words: str = ""
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One clip of a dataset as it is listed, before it is read.

    Parameters
    ----------
    id
        Unique in the dataset and stable from one listing to the next.
    label
        The class.
    group
        What must not straddle the split: a speaker, a tape, a site.
    position
        Place in time or file order, in any unit; blocks of neighbours are cut along it.
    side
        "train" or "holdout" where the dataset itself says so.
    where
        The file, zip member or table row that a person can look up; the default is `id`.
    fault
        Set when the listing alone shows that the clip cannot be used.
    fold
        The official fold, where the dataset itself names one: "1", "2", ...
    span
        What the clip is cut from: recording, start and end (s). Clips of one recording that
        overlap share samples, so they never stand on two sides.
    stands_for_s
        How much time of its recording a clip with a span stands for (s): from its beginning to
        the next one's; more where others like it were left out by lot, as when background is
        thinned. None where all windows are there: the time that they cover counts then.
    """

    id: str
    label: str
    group: str | None = None
    position: float | None = None
    side: Side | None = None
    where: str = ""
    fault: str | None = None
    fold: str | None = None
    span: tuple[str, float, float] | None = None
    stands_for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What an annotator marked in a recording that clips are cut from.

    Parameters
    ----------
    recording
        As in the `span` of the clips that are cut from it.
    start_s, end_s
        Seconds from its beginning; both are the same for a point in time.
    label
        The class, as clips have it.
    """

    recording: str
    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of any length, in windows that nobody has labelled.

    Parameters
    ----------
    name
        Where it lies, with forward slashes, relative to what was named.
    seconds
        How long it is, as far as it can be read.
    windows
        How many windows lie in it: number k begins k times `hop_s` after its beginning.
    window_s, hop_s
        Length of a window, and time from one beginning to the next (s).
    fault
        Why it cannot be used; then there are no windows.
    note
        What a person should know of it ("breaks off at 812 s").
    """

    name: str
    seconds: float = 0.0
    windows: int = 0
    window_s: float = 0.0
    hop_s: float = 0.0
    fault: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What decides, beside a dataset's parameters and an entry's id, place and span, its samples.

    Parameters
    ----------
    files
        Paths; none where samples are computed. While they stay as they are on disk, the clip
        need not be read again to know what it holds.
    words
        Whatever else decides: the rate that all clips are brought to, where other clips have a
        say in it.
    """

    files: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """How a clip was recorded, before it was mixed, resampled or cut.

    Parameters
    ----------
    rate
        Samples per second (Hz).
    kind
        Of the file: "wav", "flac", ...
    """

    rate: float
    channels: int
    seconds: float
    kind: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One labelled recording.

    Parameters
    ----------
    samples : array [shape=(channels, n)], float32
        Full scale is 1.0 for audio; any unit for other series.
    rate
        Samples per second (Hz).
    note
        What a person should know of how it was read ("its header promises 44 bytes of samples,
        8000 are there: all were read"); counted and told. It does not change the clip.
    origin
        How it was recorded, where that is known; full scale is 1.0 then.
    """

    id: str
    samples: NDArray[np.float32]
    rate: float
    label: str = ""
    group: str | None = None
    note: str = ""
    origin: Origin | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", _frozen(self.samples, np.float32, 2, "Clip.samples"))
        if not self.rate > 0:
            raise ValueError(f"Clip.rate must be above 0 Hz, got {self.rate}")


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """A batch of clips of one length.

    Parameters
    ----------
    samples : array [shape=(clips, channels, n)], float32
    rate
        Samples per second (Hz).
    """

    samples: NDArray[np.float32]
    rate: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", _frozen(self.samples, np.float32, 3, "Signals.samples"))
        if not self.rate > 0:
            raise ValueError(f"Signals.rate must be above 0 Hz, got {self.rate}")

    def __len__(self) -> int:
        return int(self.samples.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """What the rows or columns of a raster stand for.

    Parameters
    ----------
    name
        "frequency", "time", "amplitude", ...: what an improvement can ask for.
    unit
        "Hz", "s", ...
    points : array [shape=(n,)]
        The value at each row or column. Channels stacked on top of each other repeat them.
    """

    name: str
    unit: str
    points: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _frozen(self.points, np.float64, 1, "Axis.points"))

    def __len__(self) -> int:
        return int(self.points.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """A batch of rectangular arrays of numbers, one a clip: pictures before they have colours.

    Parameters
    ----------
    values : array [shape=(clips, rows, columns)], float32
        Row 0 is the lowest frequency or amplitude; it is drawn at the bottom.
    rows, columns
        The axes, as long as the array.
    scale
        "power" (linear), "db", or "coverage" (the share of a cell that is inked, 0 to 1).
    """

    values: NDArray[np.float32]
    rows: Axis
    columns: Axis
    scale: Scale

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _frozen(self.values, np.float32, 3, "Raster.values"))
        if self.values.shape[1:] != (len(self.rows), len(self.columns)):
            raise ValueError(
                f"Raster.values has {self.values.shape[1:]} rows and columns, "
                f"its axes have {(len(self.rows), len(self.columns))}"
            )
        if self.scale not in ("power", "db", "coverage"):
            raise ValueError(f"Raster.scale is power, db or coverage, got {self.scale!r}")

    def __len__(self) -> int:
        return int(self.values.shape[0])


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """How rasters become pictures; the same for every cell of a run.

    Parameters
    ----------
    height, width
        Pixels.
    colours
        "viridis", "magma", "inferno", "plasma", "cividis" or "grey".
    """

    height: int = 224
    width: int = 224
    colours: str = "viridis"


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """A batch of pictures before they have colours.

    Parameters
    ----------
    planes : array [shape=(clips, height, width)], uint8
    table : array [shape=(256, 3)], uint8
        The RGB colour of each level.
    """

    planes: NDArray[np.uint8]
    table: NDArray[np.uint8]

    def __post_init__(self) -> None:
        object.__setattr__(self, "planes", _frozen(self.planes, np.uint8, 3, "Levels.planes"))
        object.__setattr__(self, "table", _frozen(self.table, np.uint8, 2, "Levels.table"))
        if self.table.shape != (256, 3):
            raise ValueError(f"Levels.table must be (256, 3), got {self.table.shape}")

    def __len__(self) -> int:
        return len(self.planes)


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """A batch of RGB pictures.

    Parameters
    ----------
    pixels : array [shape=(clips, height, width, 3)], uint8
    ids
        The clip of each picture.
    """

    pixels: NDArray[np.uint8]
    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pixels", _frozen(self.pixels, np.uint8, 4, "Pictures.pixels"))
        if self.pixels.shape[0] != len(self.ids) or self.pixels.shape[3] != 3:
            raise ValueError(
                f"Pictures.pixels must be (clips, height, width, 3) for {len(self.ids)} ids, "
                f"got {self.pixels.shape}"
            )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def levels(self) -> Levels | None:
        """What they were coloured from; None where they are no single plane in colours.

        A classifier that sees no colours looks at these, and `pixels` need not be painted.
        """
        return None

    def once(self, make: Callable[..., NDArray[Any]], *given: Hashable) -> NDArray[Any]:
        """Make something of the pictures that other classifiers may ask for as well.

        Where several look at the same pictures it is made once, and each is charged for it as if
        it had made its own.

        Parameters
        ----------
        make
            Is called with the pictures and what is given; who calls the same function with the
            same gets the same array, so it is made read-only.
        """
        made = make(self, *given)
        made.flags.writeable = False
        return made

    @property
    def spared_s(self) -> float:
        """Seconds that `once` saved whoever looked at these."""
        return 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What a classifier learns from: one row a clip.

    Parameters
    ----------
    values : array [shape=(clips, ...)]
        Whatever ``Classifier.features`` returned; by default the pixels
        [shape=(clips, height, width, 3)], uint8.
    ids
        The clip of each row.
    groups, positions
        Of the clip of each row, as its entry has them, for a classifier that holds some of its
        training clips back (to stop early, say) and must not tear neighbours apart; empty where
        they are not known, and None for a clip that has none.
    """

    values: NDArray[Any]
    ids: tuple[str, ...]
    groups: tuple[str | None, ...] = ()
    positions: tuple[float | None, ...] = ()

    def __post_init__(self) -> None:
        if len(self.values) != len(self.ids):
            raise ValueError(f"Features has {len(self.values)} rows for {len(self.ids)} ids")
        for name, given in (("groups", self.groups), ("positions", self.positions)):
            if given and len(given) != len(self.ids):
                raise ValueError(f"Features has {len(given)} {name} for {len(self.ids)} ids")

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: ArrayLike) -> Features:
        """Return the features of some rows, in the order given, groups and positions with them."""
        chosen = np.asarray(rows, dtype=np.intp)
        return Features(
            self.values[chosen],
            tuple(self.ids[row] for row in chosen),
            tuple(self.groups[row] for row in chosen) if self.groups else (),
            tuple(self.positions[row] for row in chosen) if self.positions else (),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a classifier says of some clips.

    Parameters
    ----------
    ids
        The clip of each prediction, in the order that was asked.
    labels
        The predicted class of each clip; None where the prediction failed.
    classes
        The columns of `scores`: every class seen in training, sorted.
    scores : array [shape=(clips, classes)], float64
        Probabilities: rows sum to one and their largest is the predicted label.
        A row of NaN where the prediction failed.
    """

    ids: tuple[str, ...]
    labels: tuple[str | None, ...]
    classes: tuple[str, ...]
    scores: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "scores", _frozen(self.scores, np.float64, 2, "Predictions.scores")
        )
        if self.scores.shape != (len(self.ids), len(self.classes)):
            raise ValueError(
                f"Predictions.scores must be {(len(self.ids), len(self.classes))}, "
                f"got {self.scores.shape}"
            )
        if len(self.labels) != len(self.ids):
            raise ValueError(f"{len(self.labels)} labels for {len(self.ids)} ids")

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def from_scores(
        cls, ids: tuple[str, ...], classes: tuple[str, ...], scores: ArrayLike
    ) -> Predictions:
        """Predict the class of the largest score; ties go to the class that sorts first."""
        table = np.asarray(scores, dtype=np.float64)
        labels = tuple(classes[column] for column in table.argmax(axis=1))
        return cls(ids, labels, classes, table)


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What a classifier has learnt, written down so that it can be made again elsewhere.

    Parameters
    ----------
    arrays
        Numbers by name: names of letters, digits and "._-", at most 120.
    values
        Whatever JSON can hold: the rest.
    """

    arrays: Mapping[str, NDArray[Any]]
    values: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name, array in self.arrays.items():
            if not _ARRAY_NAME.fullmatch(name):
                raise ValueError(f"Knowledge.arrays has a name that no file can have: {name!r}")
            if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
                raise ValueError(f"Knowledge.arrays[{name!r}] must be an array of numbers")


_ARRAY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


@dataclass(frozen=True, slots=True)
class Costs:
    """What a remote classifier spent, apart from local time.

    Parameters
    ----------
    calls
        Requests that the service answered.
    paid_calls
        Those among them that the service charges for.
    network_s
        Time waited for the network and the service (s).
    bytes_sent
        Bytes of requests.
    retries
        Requests sent again.
    """

    calls: int = 0
    paid_calls: int = 0
    network_s: float = 0.0
    bytes_sent: int = 0
    retries: int = 0
    details: Mapping[str, float] = field(default_factory=dict)
