"""What each kind of plugin must do.

A plugin is a class of one of these kinds with a ``name``; its module offers it by the line
``plugins = [MyFilter]``. Fields that are annotated, with a plain default or one made by
`parameter`, are its parameters: the class is a frozen dataclass without saying so. What the
contract itself declares (``name``, ``version``, ``needs``, ...) is never a parameter. ``version``
changes when the output changes. The first line of the docstring is what ``sightbench list`` shows.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import operator
import typing
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from harness.declarations.checking import checked
from harness.declarations.classes import PluginType
from harness.declarations.parameters import parameter
from harness.errors import ClassifierError, Inapplicable
from harness.sources.files import find_module, local_path
from harness.values import (
    Basis,
    Clip,
    Costs,
    Entry,
    Features,
    Knowledge,
    Lost,
    Missing,
    Pictures,
    PictureSettings,
    Predictions,
    Raster,
    Recording,
    Reply,
    Resources,
    Selection,
    Signals,
)

ONE_CORE = Resources()
"""What a task needs of which nothing is said."""


class Plugin(metaclass=PluginType):
    """What all plugins share: a kind, a name, a version, parameters that check themselves."""

    kind: ClassVar[str]
    name: ClassVar[str]
    version: ClassVar[str] = "1"
    requires: ClassVar[tuple[str, ...]] = ()
    """Import names of optional packages; where one is missing the plugin is unavailable."""
    extra: ClassVar[str] = ""
    """The optional-dependency group of sightbench that installs `requires`, if one does."""

    open_parameters: ClassVar[bool] = False
    """True where parameters that are no fields are collected, as sorted pairs, in `options`."""

    def __post_init__(self) -> None:
        hints = _hints(type(self))
        name = getattr(self, "name", type(self).__name__)
        for each in dataclasses.fields(self):
            value = checked(name, each, hints[each.name], getattr(self, each.name))
            object.__setattr__(self, each.name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        values = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        cls = type(self)
        return _rebuild, (cls.__module__, cls.__qualname__, local_path(cls.__module__), values)

    def files(self) -> Sequence[Path]:
        """Name files that the output depends on, beside those that parameters name."""
        return ()

    @classmethod
    def unavailable(cls) -> str | None:
        """Say why this plugin cannot be used here and what to do, or None if it can."""
        missing = [name for name in cls.requires if importlib.util.find_spec(name) is None]
        if not missing:
            return None
        target = f"sightbench[{cls.extra}]" if cls.extra else " ".join(missing)
        return f"needs {', '.join(missing)}, not installed: pip install '{target}'"


@cache
def _hints(cls: type[Plugin]) -> dict[str, Any]:
    """Return the types of a plugin's parameters, evaluated once: plugins travel with every task."""
    return typing.get_type_hints(cls)


def _rebuild(module: str, name: str, path: str | None, values: dict[str, Any]) -> Plugin:
    """Make a plugin again in another process; a local file is imported there by its path."""
    plugin: Plugin = operator.attrgetter(name)(find_module(module, path))(**values)
    return plugin


class Dataset(Plugin):
    """Labelled clips."""

    kind: ClassVar[str] = "dataset"
    synthetic: ClassVar[bool] = False
    """True where the clips are computed, not recorded; every table then says so."""

    @classmethod
    def recognises(cls, path: Path) -> float:
        """Say how surely ``path=`` of this dataset is meant by a path alone, from 0 to 1.

        By names and the first lines of a table: nothing is decoded, and nothing raised.
        """
        return 0.0

    @abstractmethod
    def entries(self) -> Sequence[Entry]:
        """List the clips, without decoding any.

        A clip that the listing alone shows to be bad (no label, no such file, a path that
        climbs out of its folder) is listed with its ``fault``.

        Raises
        ------
        DatasetError
            The recordings as a whole cannot be used: no such folder, no column "label".
        """

    def suggest_split(self, entries: Sequence[Entry]) -> str:
        """Name the split that suits these clips; empty for what their groups and sides suggest."""
        return ""

    def remarks(self, entries: Sequence[Entry]) -> Sequence[str]:
        """Say what a person should read before any accuracy, one sentence each.

        What the listing left out, with counts; how folders and columns were understood; labels
        that look alike. Sentences hold strangers' file names as they are.
        """
        return ()

    def selections(self, entries: Sequence[Entry]) -> Sequence[Selection]:
        """List what is marked in the recordings that clips are cut from, for judging by events.

        Of the classes that count; a class without any is background. Clips that are no windows of
        recordings have none.
        """
        return ()

    def for_recordings(self, seconds: float, rate: float) -> UnlabelledDataset | None:
        """Return what cuts recordings without labels into windows just like the clips of this one.

        That is how a kept detector hears new recordings; its ``path`` is set when they are there.

        Parameters
        ----------
        seconds, rate
            Of the clips that were learnt from, which are all of one length and rate (Hz).

        Returns
        -------
        None where clips are not cut from recordings.
        """
        return None

    @abstractmethod
    def read(self, entry: Entry) -> Clip:
        """Decode one clip; the same entry gives the same samples in any process.

        Raises
        ------
        BadClip
            It is empty, truncated, not audio, ...; the message is the reason alone.
        """

    def basis(self, entry: Entry) -> Basis | None:
        """Name the files that alone decide what `read` gives, so that it need not be asked again.

        What reading a clip showed is remembered until one of them changes, or the source or a
        parameter of this class. None, the default: clips are read by every command.
        """
        return None


class UnlabelledDataset(Dataset):
    """Windows of recordings that nobody has labelled: what a kept detector is put to work on.

    It has a parameter ``path``: a recording, or a folder or zip of them.
    """

    @abstractmethod
    def recordings(self) -> Sequence[Recording]:
        """List the recordings, without decoding any.

        Raises
        ------
        DatasetError
            There is no such folder, or no recording in it.
        """

    @abstractmethod
    def listen(self, name: str, number: int) -> Clip:
        """Read one window of a recording: the same samples whatever was read before.

        Raises
        ------
        BadClip
            It cannot be read; the message is the reason alone.
        """

    def listen_on(self, name: str, first: int, count: int) -> Sequence[Clip]:
        """Read some neighbouring windows, just as `listen` reads each of them.

        Windows overlap, so that reading them together can cost less.

        Raises
        ------
        BadClip
            One of them cannot be read: the caller then reads them one by one.
        """
        return [self.listen(name, number) for number in range(first, first + count)]


class Representation(Plugin):
    """A way to draw a signal. It sees one clip at a time: no label, no other clip."""

    kind: ClassVar[str] = "representation"
    axes: ClassVar[tuple[str, str]] = ("frequency", "time")
    """The names of the raster's row and column axes, for improvements to ask for."""

    @abstractmethod
    def raster(self, signals: Signals) -> Raster:
        """Turn a batch of clips [shape=(clips, channels, n)] into rasters, one a clip.

        Several channels are stacked as rows of one raster, the first channel at the bottom.

        Raises
        ------
        Inapplicable
            The parameters do not fit these signals.
        """


class Plot(Representation):
    """A representation that makes finished pictures, with axes and margins, in its own size."""

    axes: ClassVar[tuple[str, str]] = ("picture", "picture")

    def raster(self, signals: Signals) -> Raster:
        """Refuse: a finished picture is no raster, so no improvement can stand on it."""
        raise Inapplicable(f"{self.name} makes finished pictures and has no raster.")

    @abstractmethod
    def jpegs(self, signals: Signals) -> list[bytes]:
        """Draw a batch of clips [shape=(clips, channels, n)], each as the bytes of one JPEG.

        Raises
        ------
        Inapplicable
            The parameters do not fit these signals.
        """


class Improvement(Plugin):
    """A change to a raster that may make it easier to classify. It sees one clip at a time."""

    kind: ClassVar[str] = "improvement"
    needs: ClassVar[tuple[str, ...]] = ()
    """Names of axes that the raster must have ("frequency", "time")."""

    @abstractmethod
    def improve(self, raster: Raster) -> Raster:
        """Return a new raster [shape=(clips, rows, columns)]; the one given stays as it was.

        Raises
        ------
        Inapplicable
            The parameters do not fit this raster.
        """


@runtime_checkable
class Fitted(Protocol):
    """A classifier that has learnt."""

    def predict(self, features: Features) -> Predictions:
        """Say what each clip is, in the order given."""


@runtime_checkable
class Writable(Fitted, Protocol):
    """A classifier that has learnt and can write that down; `LocalClassifier.made_again` reads it.

    Only such a one can be kept for new recordings (``sightbench keep``).
    """

    def written(self) -> Knowledge:
        """Write down all that `predict` needs beside the parameters of the classifier."""


LooksAt = Literal["pictures", "rasters", "signals"]


class LocalClassifier(Plugin):
    """What classifiers that learn on this machine share; they never see a label of the holdout.

    An author takes one of those that say what they look at: `Classifier`, `RasterClassifier`,
    `SignalClassifier`. Each has ``features``, called in batches once for all folds, so stateless:
    one clip at a time, nothing learnt, and one row of one shape a clip.
    """

    kind: ClassVar[str] = "classifier"
    control: ClassVar[bool] = False
    """True for yardsticks (majority class, shuffled labels) that no ranking should name best."""
    most_clips: ClassVar[int | None] = None
    """It is given at most so many clips to learn from: of more, so many are drawn by lot, each
    class in its share, and the record says so. None: all are given, and memory has to do."""
    looks_at: ClassVar[LooksAt]
    """Said by the class that an author takes, never by the author."""

    def resources(self) -> Resources:
        """Say what a cell of this classifier needs of the machine that runs it; by default a core.

        As many threads as `cores` may work at a time, on whatever machine: the number of threads
        may change last digits, so it is said here and not by who runs it. Memory and GPUs decide
        where and when a cell runs; one that no machine can give them is skipped, with a reason.
        """
        return Resources()

    def cross_validates(self) -> bool:
        """Say whether folds inside training mean anything: False where nothing is learnt."""
        return True

    @abstractmethod
    def fit(self, features: Features, labels: NDArray[np.str_], rng: np.random.Generator) -> Fitted:
        """Learn from training clips; the same seed gives the same predictions."""

    def made_again(self, knowledge: Knowledge) -> Fitted:
        """Make a classifier that has learnt of what one like this wrote down (`Writable`).

        It predicts the same, to the last bit. What is written comes from a stranger, perhaps:
        it is checked, and nothing in it is unpickled, imported or run.

        Raises
        ------
        ClassifierError
            It does not fit together; or this classifier cannot be kept, as long as it has no
            such method.
        """
        raise ClassifierError(
            f"{self.name} can be benchmarked but not kept: what it learns cannot be written down. "
            "Its author gives it made_again(), and what fit() returns written(); see docs/detector."
        )


class Classifier(LocalClassifier):
    """Learns classes from pictures; it never sees a label of the holdout."""

    looks_at: ClassVar[LooksAt] = "pictures"
    keep_features: ClassVar[bool] = False
    """True where computing features takes longer than reading them: they are kept on disk, and
    found again by another head, fold, split or run."""
    head_parameters: ClassVar[tuple[str, ...]] = ()
    """Names of parameters that change nothing about the features, only what learns from them."""
    sees: ClassVar[Literal["pictures", "bookkeeping"]] = "pictures"
    """"bookkeeping" for a control that learns from what is not the signal: `features` is not asked
    then, and `fit` gets one row a clip of length (s), sample rate (Hz), channels, level (dB) and
    the number of the file's kind, as recorded."""

    def features(self, pictures: Pictures) -> NDArray[Any]:
        """Compute what the classifier learns from [shape=(clips, ...)].

        It is called once for a picture set, in batches, and shared by all folds, so it must be
        stateless: one picture at a time, nothing learnt. The default is the pixels themselves.
        """
        return pictures.pixels


class RasterClassifier(LocalClassifier):
    """Learns classes from rasters, the numbers of a representation before they have colours."""

    looks_at: ClassVar[LooksAt] = "rasters"

    def features(self, raster: Raster) -> NDArray[Any]:
        """Compute what the classifier learns from [shape=(clips, ...)]; see `LocalClassifier`.

        A batch holds clips whose rasters have one shape; clips of another length come in another
        batch, and what comes of them must have the same shape. The default is the values.

        Raises
        ------
        ClassifierError
            It cannot look at such rasters; the message says what to do.
        """
        return raster.values


class SignalClassifier(LocalClassifier):
    """Learns classes from the signals themselves: no picture, one row whatever is drawn."""

    looks_at: ClassVar[LooksAt] = "signals"

    def features(self, signals: Signals) -> NDArray[Any]:
        """Compute what the classifier learns from [shape=(clips, ...)]; see `LocalClassifier`.

        A batch holds clips of one shape and rate; clips of another length come in another batch,
        and what comes of them must have the same shape. The default is the samples.

        Raises
        ------
        ClassifierError
            It cannot look at such signals; the message says what to do.
        """
        return signals.samples


@dataclass(frozen=True, slots=True)
class Job:
    """Where and as what a remote classifier works.

    Parameters
    ----------
    title
        Names the cell and its split for a person, "upcalls mel pca-svm split 3fa9c1".
    folder
        Kept from one start to the next until the cell is done: the place for a ledger.
    encode
        Turns pixels [shape=(height, width, 3)] into the bytes of a JPEG.
    contents
        The content hash of each clip, by id.
    progress
        Called with (done, total, what) as work goes on.
    max_calls
        Never more paid calls than this; None for no limit.
    """

    title: str
    folder: Path
    encode: Callable[[NDArray[np.uint8]], bytes]
    contents: Mapping[str, str]
    progress: Callable[[int, int, str], None]
    max_calls: int | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a remote classifier is about to spend."""

    pictures: int
    bytes_sent: int
    calls: int
    paid_calls: int
    minutes: float


class RemoteFitted(Fitted, Protocol):
    """A service that has learnt."""

    def cross_validated(self) -> Predictions:
        """Return the service's own cross-validated prediction of every training clip."""

    def answered(self, features: Features) -> Predictions:
        """Return what the service has said so far; label None where it has not."""

    def costs(self) -> Costs:
        """Return what was spent so far, earlier starts of the same cell included."""


class RemoteClassifier(Plugin):
    """A service that learns from pictures over the network, cross-validates by itself, costs."""

    kind: ClassVar[str] = "classifier"
    control: ClassVar[bool] = False

    @abstractmethod
    def estimate(self, train: int, holdout: int, bytes_per_picture: float) -> Estimate:
        """Say what a cell of that many clips will spend."""

    @abstractmethod
    def spent(self, folder: Path) -> Costs:
        """Return what a job with this folder has spent so far, whether it got to the end or not."""

    @abstractmethod
    def fit(self, features: Features, labels: NDArray[np.str_], job: Job) -> RemoteFitted:
        """Upload pixels [shape=(clips, height, width, 3)], wait until training has finished.

        Raises
        ------
        Stopped
            A limit was reached; the job's folder lets the same cell go on later.
        """


@dataclass(frozen=True, slots=True)
class Workplace:
    """What an engine is told of the run that it opens for.

    Parameters
    ----------
    jobs
        Worker processes that were asked for, on this machine.
    scratch
        Holds temporary files of this machine.
    folder
        The current folder: relative paths are read from it, so workers elsewhere work in it too.
    sources
        What stands in local plugin files, by the name of their module: workers elsewhere may not
        have them.
    greeting
        Makes a parcel to be done once by each worker of another machine, before any task.
    judge
        Reads what came of the greeting: why that worker cannot help ("has numpy 1.26, ..."), or
        nothing.
    tell
        Says a line to whoever waits.
    needs
        Enough for any task of the run.
    wanted
        Says whether the run still waits: an engine that waits for machines gives up if it does not.
    """

    jobs: int
    scratch: Path | None = None
    folder: Path = Path()
    sources: Mapping[str, bytes] = field(default_factory=dict)
    greeting: Callable[[], bytes] = bytes
    judge: Callable[[Reply | Lost], str] = lambda reply: ""
    tell: Callable[[str], None] = lambda line: None
    needs: Resources = field(default_factory=Resources)
    wanted: Callable[[], bool] = lambda: True


class Crew(Protocol):
    """Workers that are open: what an engine gives."""

    @property
    def size(self) -> int:
        """How many tasks can be at work at a time; it may change."""

    @property
    def machines(self) -> int:
        """On how many machines; 0 where all is done on this one."""

    def offer(self, needs: Resources) -> Resources | Missing:
        """Say what a task that needs so much would get: the same, or fewer cores.

        `Missing` where it has too little memory or too few GPUs: what it lacks, what to do.
        """

    def submit(
        self, parcel: bytes, timeout_s: float | None = None, needs: Resources = ONE_CORE
    ) -> Future[Reply | Lost]:
        """Take a task, as bytes, to be done where and when there is what it needs.

        What `open_processes` says of it, in the process that does it, comes back as it is; a task
        whose machine is lost is done again elsewhere, or comes back as `Lost` with `machine`.

        Raises
        ------
        SightbenchError
            No task can be done any more; here, in `tend`, or out of the future.
        """

    def tend(self) -> None:
        """Look after the workers: called a few times a second by who waits."""

    def renew(self) -> None:
        """Start new processes where that is cheap, now that none is at work.

        What plugins and libraries have loaded stays in memory else.
        """


class Engine(Plugin):
    """Where tasks run: in processes of this machine, or on the machines of a cluster.

    Whatever an engine does, a task gives what it gives here: the same bytes. It is opened and done
    in a process of its own, by `open_processes` on the machine where it runs: one that dies or
    takes too long costs its own work alone.
    """

    kind: ClassVar[str] = "engine"
    elsewhere: ClassVar[bool] = False
    """True where tasks run on other machines; services are then asked by this one all the same,
    which holds their ledgers."""

    def opens_ahead(self) -> bool:
        """Say whether it may be opened in a thread of its own while the run lists its clips.

        It then looks at `Workplace.wanted` as long as it waits.
        """
        return False

    @abstractmethod
    def open(self, workplace: Workplace) -> AbstractContextManager[Crew]:
        """Start or join workers; on any way out, what was started is gone, also tasks.

        Raises
        ------
        SightbenchError
            There are no workers, or they cannot help; the message says what to do.
        """


PLUGIN_KINDS: Mapping[str, tuple[type[Plugin], ...]] = {
    "dataset": (Dataset,),
    "representation": (Representation,),
    "improvement": (Improvement,),
    "classifier": (Classifier, RasterClassifier, SignalClassifier, RemoteClassifier),
    "engine": (Engine,),
}

__all__ = [
    "PLUGIN_KINDS",
    "Classifier",
    "Crew",
    "Dataset",
    "Engine",
    "Estimate",
    "Fitted",
    "Improvement",
    "Job",
    "LocalClassifier",
    "LooksAt",
    "PictureSettings",
    "Plot",
    "Plugin",
    "RasterClassifier",
    "RemoteClassifier",
    "RemoteFitted",
    "Representation",
    "SignalClassifier",
    "UnlabelledDataset",
    "Workplace",
    "Writable",
    "parameter",
]
