"""Choices, from a TOML file or from flags, become a plan; a plan becomes ordered cells."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from harness.errors import PlanError
from harness.planning.specs import Spec, parse_specs
from harness.planning.ways import SIGNAL, Way, parse_ways
from harness.values import PictureSettings


@dataclass(frozen=True, slots=True)
class Cell:
    """What is run: one representation, one classifier, one split, one seed, one training size.

    Parameters
    ----------
    representation, classifier
        As chosen.
    split
        The number of the split in its run, from 0.
    seed
        Seeds the classifier.
    train_size
        Training clips; None for all that the split has.
    """

    representation: Way
    classifier: Spec
    split: int = 0
    seed: int = 0
    train_size: int | None = None

    def __str__(self) -> str:
        parts = [f"{self.representation} × {self.classifier}"]
        if self.split:
            parts.append(f"split {self.split}")
        if self.seed:
            parts.append(f"seed {self.seed}")
        if self.train_size is not None:
            parts.append(f"{self.train_size} training clips")
        return ", ".join(parts)

    @property
    def readable(self) -> str:
        """Representation and classifier in letters that any system takes in a file name."""
        written = f"{self.representation}__{self.classifier}"
        return "".join(c if c.isascii() and (c.isalnum() or c in "-_.+") else "_" for c in written)

    @property
    def slug(self) -> str:
        """The name of the cell's folder in runs of schema 1, which had one folder a run."""
        key = hashlib.blake2b(repr(self.key()).encode(), digest_size=4).hexdigest()
        return f"{self.readable[:80].strip('._')}__s{self.split}-{key}"

    def key(self) -> tuple[str, str, int, int, int | None]:
        """Return what tells this cell from all others of its run."""
        return (
            str(self.representation),
            str(self.classifier),
            self.split,
            self.seed,
            self.train_size,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a person chose for one run.

    Parameters
    ----------
    split
        A written split ("blocked[block=1000]") or the path of a saved one (ends in ".json");
        empty for what suits the dataset.
    splits, seeds
        How many splits of the same kind, and how many training seeds, from `seed` on.
    train_sizes
        Training clips of a learning curve; empty for all only.
    note
        A remark that every table repeats ("reconstructed audio").
    on_signals
        Those of the classifiers that look at signals; known once plugins are made, not written.
    """

    experiment: str
    dataset: Spec
    representations: tuple[Way, ...]
    classifiers: tuple[Spec, ...]
    split: str = ""
    folds: int = 5
    seed: int = 0
    splits: int = 1
    seeds: int = 1
    train_sizes: tuple[int, ...] = ()
    picture: PictureSettings = field(default_factory=PictureSettings)
    note: str = ""
    on_signals: frozenset[Spec] = frozenset()

    def __post_init__(self) -> None:
        if not self.representations or not self.classifiers:
            raise PlanError("A plan needs at least one representation and one classifier.")
        if self.folds != 0 and self.folds < 2:
            raise PlanError(f"folds is {self.folds}: give 2 or more, or 0 for none.")
        for name in ("splits", "seeds"):
            if getattr(self, name) < 1:
                raise PlanError(f"{name} is {getattr(self, name)}: give 1 or more.")
        if any(size < 2 for size in self.train_sizes):
            raise PlanError(f"train_sizes {list(self.train_sizes)}: each must be 2 or more clips.")
        if min(self.picture.height, self.picture.width) < 8:
            raise PlanError("A picture needs at least 8 by 8 pixels.")
        _safe_name(self.experiment)

    def cells(self) -> tuple[Cell, ...]:
        """List every cell once, representations outermost, in the order chosen.

        A classifier that looks at signals has no picture: its cells come last, `SIGNAL` standing
        for the representation.
        """
        sizes = (*sorted(set(self.train_sizes)), None) if self.train_sizes else (None,)
        cells = (
            Cell(representation, classifier, split, self.seed + seed, size)
            for representation, classifier in self._pairs()
            for split in range(self.splits)
            for seed in range(self.seeds)
            for size in sizes
        )
        return tuple(dict.fromkeys(cells))

    def _pairs(self) -> list[tuple[Way, Spec]]:
        drawn = [each for each in self.classifiers if each not in self.on_signals]
        heard = [each for each in self.classifiers if each in self.on_signals]
        pairs = [(way, each) for way in self.representations for each in drawn]
        return [*pairs, *((SIGNAL, each) for each in heard)]

    def written(self) -> WrittenPlan:
        """Write the plan down; `make_plan` takes its values back."""
        return WrittenPlan(
            experiment=self.experiment,
            dataset=str(self.dataset),
            representations=tuple(str(each) for each in self.representations),
            classifiers=tuple(str(each) for each in self.classifiers),
            split=self.split,
            folds=self.folds,
            seed=self.seed,
            splits=self.splits,
            seeds=self.seeds,
            train_sizes=self.train_sizes,
            picture_height=self.picture.height,
            picture_width=self.picture.width,
            colours=self.picture.colours,
            note=self.note,
        )


@dataclass(frozen=True, slots=True)
class WrittenPlan:
    """A plan as it is written down: `Plan` in words and numbers, under the keys of a TOML plan."""

    experiment: str
    dataset: str
    representations: tuple[str, ...]
    classifiers: tuple[str, ...]
    split: str
    folds: int
    seed: int
    splits: int
    seeds: int
    train_sizes: tuple[int, ...]
    picture_height: int
    picture_width: int
    colours: str
    note: str

    def choices(self) -> dict[str, Any]:
        """Return the choices that make the plan again."""
        values = ((each.name, getattr(self, each.name)) for each in dataclasses.fields(self))
        return {name: list(v) if isinstance(v, tuple) else v for name, v in values}


_TYPES: Mapping[str, type] = {"str": str, "int": int}
_KINDS: Mapping[str, type] = {
    "schema": int,
    **{each.name: _TYPES.get(str(each.type), list) for each in dataclasses.fields(WrittenPlan)},
}
"""The keys of a plan, and the type of each as TOML has it."""


def read_toml(path: Path) -> dict[str, Any]:
    """Read the choices that a TOML file makes.

    Raises
    ------
    PlanError
        There is no such file, it is not TOML, or it holds a key that no plan has.
    """
    try:
        choices = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlanError(f"There is no plan {path}. Give the path of a .toml file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{path} is not TOML: {error}.") from None
    except RecursionError:
        raise PlanError(f"{path} is no plan: its lists or tables are nested too deep.") from None
    _check_keys(choices, str(path))
    return {"experiment": path.stem.replace("_", "-"), **choices}


def make_plan(choices: Mapping[str, Any], is_improvement: Callable[[str], bool]) -> Plan:
    """Turn plain choices into a plan.

    Raises
    ------
    SpecError
        A written choice cannot be read.
    PlanError
        Choices are of the wrong type or do not fit together.
    """
    _check_keys(choices, "the plan")
    missing = [name for name in ("dataset", *_LISTS) if not choices.get(name)]
    if missing:
        raise PlanError(f"The plan does not say which {' and '.join(missing)} to use.")
    dataset = _one(choices["dataset"])
    size = PictureSettings()
    return Plan(
        experiment=choices.get("experiment") or dataset.name,
        dataset=dataset,
        representations=_unique(
            w for text in choices["representations"] for w in parse_ways(text, is_improvement)
        ),
        classifiers=_unique(spec for text in choices["classifiers"] for spec in parse_specs(text)),
        picture=PictureSettings(
            choices.get("picture_height", size.height),
            choices.get("picture_width", size.width),
            choices.get("colours", size.colours),
        ),
        train_sizes=tuple(choices.get("train_sizes", ())),
        **{name: choices[name] for name in _PLAIN if name in choices},
    )


_LISTS = ("representations", "classifiers")
_PLAIN = ("split", "folds", "seed", "splits", "seeds", "note")


def with_path(plan: Plan, path: str) -> Plan:
    """Return a plan whose dataset reads from another path."""
    kept = tuple(pair for pair in plan.dataset.parameters if pair[0] != "path")
    dataset = dataclasses.replace(plan.dataset, parameters=(*kept, ("path", path)))
    return dataclasses.replace(plan, dataset=dataset)


def _one(text: str) -> Spec:
    specs = parse_specs(text)
    if len(specs) != 1:
        raise PlanError(f"{text} sweeps over {len(specs)} datasets; a run compares on one.")
    return specs[0]


def _unique(values: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _check_keys(choices: Mapping[str, Any], where: str) -> None:
    problems = []
    for key, value in choices.items():
        if key not in _KINDS:
            near = get_close_matches(key, _KINDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            problems.append(f"{key!r} is not a key of a plan.{hint}")
        elif not isinstance(value, _KINDS[key]) or isinstance(value, bool):
            problems.append(f"{key} must be {_KINDS[key].__name__}, got {value!r}.")
        elif isinstance(value, list) and not all(isinstance(v, _item(key)) for v in value):
            problems.append(f"{key} must be a list of {_item(key).__name__}, got {value!r}.")
    if choices.get("schema", 1) != 1:
        problems.append(f"schema {choices['schema']} is newer than this sightbench, which reads 1.")
    if problems:
        raise PlanError(f"{where}: " + " ".join(problems) + f" Valid keys: {', '.join(_KINDS)}.")


def _item(key: str) -> type:
    return int if key == "train_sizes" else str


def _safe_name(name: str) -> None:
    allowed = all(c.isalnum() or c in "-_." for c in name)
    if not name or not allowed or name.startswith(".") or len(name) > 80:
        raise PlanError(
            f"experiment {name!r} names a folder: use letters, digits, '-', '_' and '.', "
            "at most 80, not starting with '.'."
        )
