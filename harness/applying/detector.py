"""What a bundle says of itself: how it draws, what learnt from what, and with what figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.measuring.environment import Environment
from harness.values import PictureSettings


@dataclass(frozen=True, slots=True)
class PluginMade:
    """A plugin that a detector is made of.

    Parameters
    ----------
    written
        Its name and parameters.
    digest
        Hashes all that its output depends on: version, parameters, source, libraries.
    files
        The hash of each file that a parameter names, by what is written there.
    """

    kind: str
    name: str
    version: str
    written: str
    digest: str
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberMade:
    """A cell that a detector is made of, as written.

    Parameters
    ----------
    times
        How often its probabilities count in the average of all members.
    """

    representation: str
    classifier: str
    times: int = 1

    @property
    def title(self) -> str:
        """The cell as tables name it."""
        return f"{self.representation} × {self.classifier}"


@dataclass(frozen=True, slots=True)
class Hearing:
    """How recordings are cut into what the detector knows.

    Parameters
    ----------
    dataset
        As written, without a path; empty where recordings cannot be cut, and `why_not` says why.
    window_s, rate_hz, channels
        Of a clip that was learnt from.
    """

    dataset: str
    window_s: float
    rate_hz: float
    channels: int
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its 95% interval; an end that cannot be told is None."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a threshold, chosen inside training, came to on held-out recordings.

    Parameters
    ----------
    label
        The class.
    promise
        What it was chosen for ("precision=0.9"); empty for the highest F1 of events.
    precision, recall, per_hour
        Of events, of selections, false alarms an hour; None where undefined.
    verdict
        "kept", "unclear" or "broken"; empty where nothing was promised.
    """

    label: str
    promise: str
    precision: Figure | None
    recall: Figure | None
    per_hour: Figure | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Decision:
    """When a window is detected.

    Parameters
    ----------
    background
        The class that stands for nothing; empty where every class is something.
    thresholds
        The probability of each class from which on a window is of it; empty where the largest
        probability decides.
    gap_s, shortest
        How windows were joined when thresholds were chosen.
    confirmed
        What came of thresholds that were chosen for a promise, a class each.
    """

    background: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    gap_s: float = 0.0
    shortest: int = 1
    confirmed: tuple[Confirmed, ...] = ()


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learnt from.

    Parameters
    ----------
    dataset, summary
        As written in the run, without its path; what the dataset says of itself.
    clips, classes
        How many clips were learnt from; of each class.
    side
        "all": of both sides of the split; "train": of its training side alone.
    groups
        Recordings, sites, speakers: how many.
    split, split_digest, clips_digest
        The split behind the figures, as written; hashes of it and of the clips.
    """

    dataset: str
    summary: str
    synthetic: bool
    clips: int
    classes: Mapping[str, int]
    side: str
    groups: int
    seed: int
    split: str
    split_digest: str
    clips_digest: str


@dataclass(frozen=True, slots=True)
class SideFigures:
    """Figures of the cell in the benchmark; None where undefined."""

    accuracy: float | None
    balanced_accuracy: float | None
    roc_auc: float | None
    log_loss: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the benchmark measured before all clips were learnt from.

    Parameters
    ----------
    holdout, cv
        On held-out clips, and cross-validated inside training; None where there are none.
    low, high, about
        95% interval of the accuracy on held-out clips, and what it speaks of.
    train, held_out
        Clips of each side.
    chosen
        How the cell was chosen, in words.
    """

    holdout: SideFigures | None
    cv: SideFigures | None
    low: float | None
    high: float | None
    about: str
    train: int
    held_out: int
    chosen: str


@dataclass(frozen=True, slots=True)
class Detector:
    """A cell of a run, or an ensemble of cells, trained and kept.

    Parameters
    ----------
    members
        The cell, or those whose probabilities are averaged.
    picture
        How rasters become pictures.
    plugins
        Of the drawings and the classifiers.
    classes
        In the order of the scores.
    remarks
        What a person should know before using it.
    """

    run: str
    members: tuple[MemberMade, ...]
    picture: PictureSettings
    plugins: tuple[PluginMade, ...]
    classes: tuple[str, ...]
    hearing: Hearing
    decision: Decision
    trained: Trained
    measured: Measured
    environment: Environment
    note: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[str, ...]:
        """The classes that are detected."""
        return tuple(name for name in self.classes if name != self.decision.background)

    @property
    def times(self) -> tuple[int, ...]:
        """How often each member counts."""
        return tuple(member.times for member in self.members)

    @property
    def title(self) -> str:
        """The cell as tables name it, or what is averaged."""
        if len(self.members) == 1:
            return self.members[0].title
        named = (f"{each.times} × " * (each.times > 1) + f"({each.title})" for each in self.members)
        return f"average of {', '.join(named)}"
