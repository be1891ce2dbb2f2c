"""``harness.compare`` and ``harness.open_results``; nothing here is slow to import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.contracts import Plugin

if TYPE_CHECKING:
    from harness.api.results import Results
    from harness.planning.plan import Plan
    from harness.registry.catalogue import Catalogue
    from harness.registry.discovery import Plugins
    from harness.running.options import Options

Choice = str | Path | Plugin | type[Plugin]
"""A plugin in words ("mel[n_mels=64]"), as an object (``Mel(n_mels=64)``), or as a class."""
Way = Choice | Sequence[Choice]
"""A representation, an improvement, or a chain of them: ``["spectrogram", MyFilter()]``."""

PLACES = {"results": "results", "cache": None}
"""Where results and drawn pictures are kept, unless it is said otherwise."""
SETTINGS = (
    "jobs", "skip_bad", "fail_fast", "fresh", "timeout_s", "max_calls", "engine", "resources",
)  # fmt: skip
"""How to run, which changes no figure; see `harness.running.options.Options`."""
QUIET = "progress"


def compare(
    dataset: Choice | None = None,
    representations: Sequence[Way] = (),
    classifiers: Sequence[Choice] = (),
    split: str | Path | None = None,
    plugins: Sequence[str | Path] = (),
    **choices: Any,
) -> Results:
    """Compare representations and classifiers on one dataset, as ``sightbench run`` does.

    What was finished before, by whichever command, is not run again.

    Parameters
    ----------
    dataset
        Labelled clips: a dataset in words or as an object, or a path whose dataset is guessed.
    representations
        Each in words, as an object, or a chain: ``["mel", ["spectrogram", MyFilter()]]``.
    classifiers
        Each in words or as an object.
    split
        A kind of split, or the path of a saved one.
    plugins
        Paths of plugin files, as ``--plugin``.
    choices
        All that else stands in a plan (``folds``, ``seed``, ``splits``, ``seeds``,
        ``train_sizes``, ``picture_height``, ``picture_width``, ``colours``, ``note``,
        ``experiment``), how to run (``jobs``, ``skip_bad``, ``fail_fast``, ``fresh``,
        ``timeout_s``, ``max_calls``, ``engine``, ``resources``), where things are kept
        (``results``, ``cache``), and ``progress=False`` for silence.

    Raises
    ------
    SightbenchError
        The choices or the data do not fit; the message says what to do.
    """
    from harness.api.progress import observing
    from harness.api.results import Results
    from harness.registry.discovery import load
    from harness.running.start import run
    from harness.sources.digests import forget_moments

    forget_moments()
    loaded = load([Path(each) for each in plugins])
    unknown = _sorted_out(choices)
    chosen = {**unknown, "split": None if split is None else str(split)}
    lists = {"representations": representations, "classifiers": classifiers}
    typed = _typed([dataset, *representations, *classifiers])
    with observing(choices.get(QUIET, True)) as observer:
        plan = _plan(loaded, dataset, {**chosen, **lists}, observer.tell)
        if typed:
            observer.tell(_explain(typed))
        made, _ = run(plan, loaded, _options(choices, bool(typed)), observer)
    return Results(made)


def open_results(path: str | Path = "results", run: str | None = None) -> Results:
    """Read what commands wrote.

    Parameters
    ----------
    path
        A folder of results, or the folder of one set of clips in it.
    run
        The run's name or part of it, as ``sightbench show`` takes it; the newest if left out.

    Raises
    ------
    StoreError
        There is none, or several fit.
    """
    from harness.api.results import Results
    from harness.results.store import find_run

    place = Path(path).expanduser()
    if run is None and (place / "plan.json").exists():
        return Results(find_run(place.parent.parent, str(place)))
    return Results(find_run(place, run))


def _sorted_out(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Return what belongs into a plan; what belongs nowhere is refused there."""
    known = {*PLACES, *SETTINGS, QUIET}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in choices.items()
        if name not in known
    }


def _plan(plugins: Plugins, dataset: Choice | None, chosen: Mapping[str, Any], tell: Any) -> Plan:
    from harness.registry.objects import written
    from harness.running.start import plan_from

    catalogue = plugins.catalogue
    kinds = {"representations": ("representation", "improvement"), "classifiers": ("classifier",)}
    words = {
        name: [written(catalogue, each, allowed) for each in _listed(name, chosen[name])]
        for name, allowed in kinds.items()
    }
    given = Path(dataset) if _is_path(dataset, catalogue) else None  # type: ignore[arg-type]
    named = {} if given or dataset is None else {"dataset": written(catalogue, dataset, _DATASET)}
    return plan_from(plugins, given, {**chosen, **words, **named}, tell)


_DATASET = ("dataset",)


def _listed(name: str, given: Any) -> Sequence[Any]:
    """Refuse one thing where several may stand: a text would be taken for its letters."""
    from harness.errors import PlanError

    if not isinstance(given, (list, tuple)):
        raise PlanError(f"{name}={given!r}: give a list, {name}=[{given!r}].")
    return given


def _is_path(dataset: Choice | None, catalogue: Catalogue) -> bool:
    if isinstance(dataset, Path):
        return True
    if not isinstance(dataset, str) or dataset in catalogue.names("dataset"):
        return False
    return "[" not in dataset and ("/" in dataset or "." in dataset or Path(dataset).exists())


def _options(choices: Mapping[str, Any], here: bool) -> Options:
    from harness.measuring.environment import processors
    from harness.running.options import Options
    from harness.running.start import open_gallery

    places = {name: choices.get(name, usual) for name, usual in PLACES.items()}
    cache = places["cache"]
    settings = {name: choices[name] for name in SETTINGS if choices.get(name) is not None}
    jobs = 1 if here else settings.pop("jobs", None) or processors()
    gallery = open_gallery(None if cache is None else Path(cache).expanduser())
    others = {name: value for name, value in settings.items() if name != "jobs"}
    return Options(Path(places["results"]).expanduser(), gallery, jobs, here=here, **others)


def _typed(given: Sequence[Any]) -> list[str]:
    """Name the plugins that no worker process can import: typed here, or inside a function."""
    from harness.sources.finding import stands_in_file

    found: dict[str, None] = {}
    for each in given:
        if isinstance(each, (list, tuple)):
            found.update(dict.fromkeys(_typed(each)))
        cls = each if isinstance(each, type) else type(each)
        lost = cls.__module__ == "__main__" or not stands_in_file(cls)
        if issubclass(cls, Plugin) and lost:
            found[cls.__name__] = None
    return list(found)


def _explain(typed: Sequence[str]) -> str:
    verb = "were" if len(typed) > 1 else "was"
    return (
        f"{', '.join(typed)} {verb} defined in this session, where worker processes cannot import "
        "from: everything runs in this process, one cell after another, without time limits. Put "
        "it in a file and give plugins=['my_plugins.py'] to use all processors."
    )
