"""From a plan to findings: a search inside each training side, then one look at the holdouts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from harness.analysis.choice import Criterion
from harness.clips.inside import inside_of
from harness.clips.split_kinds import parse_split_kind, suggest
from harness.contracts import Improvement, RemoteClassifier, Representation, SignalClassifier
from harness.errors import PlanError
from harness.pictures.drawing import Drawing
from harness.pictures.stacks import AnyDrawing
from harness.planning.plan import Plan
from harness.planning.specs import Chain, Spec
from harness.planning.ways import Way
from harness.registry.discovery import Plugins
from harness.registry.resolution import Resolved, resolve
from harness.results.store import Run, Table
from harness.running.options import Observer, Options, Session
from harness.running.preparation import Survey, open_folder, survey
from harness.running.session import working
from harness.searching.findings import Findings, Found, SplitFinding
from harness.searching.looking import Looking, advantage, earlier_looks, holdout_accuracy
from harness.searching.proposals import Proposer
from harness.searching.rounds import Budget, Search
from harness.searching.space import Space
from harness.searching.trials import Trials
from harness.values import Missing


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a search.

    Parameters
    ----------
    plan
        Clips, split and folds, one classifier; its representations are where the search begins,
        and the first of them is what the choice is compared with.
    seed
        Of the proposals.
    """

    plan: Plan
    space: Space
    budget: Budget
    by: Criterion = Criterion.accuracy
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a search would begin with, said without starting it.

    Parameters
    ----------
    first
        The start, and the candidates of the first round.
    """

    surveyed: Survey
    first: tuple[str, ...]
    budget: str
    varied: tuple[str, ...]


def search(
    wish: Wish,
    plugins: Plugins,
    options: Options,
    observer: Observer,
    interrupted: Callable[[str], None] | None = None,
) -> Findings:
    """Search inside the training side of every split, then look at their holdouts once.

    The same call goes on where it was stopped: what is finished is found again.

    Raises
    ------
    SightbenchError
        The choices or the data do not fit, or the start has no result.
    """
    resolved = _resolved(wish, plugins)
    try:
        with working(plugins, options, observer, _reach(wish, plugins, resolved)) as session:
            surveyed = survey(resolved, session)
            table = open_folder(surveyed.resolved, surveyed.collection, options.results)
            looking = _looking(surveyed, plugins, table, session)
            observer.tell(f"results in {looking.table.folder}")
            searched = [_inside(wish, looking, number) for number in range(len(surveyed.splits))]
            return _findings(wish, looking, searched)
    except KeyboardInterrupt:
        (interrupted or observer.tell)("stopped; the same command goes on with what is finished")
        raise


def foresee(wish: Wish, plugins: Plugins, options: Options, observer: Observer) -> Outlook:
    """Say what a search would begin with; nothing is written or learnt from."""
    resolved = _resolved(wish, plugins)
    with working(plugins, options, observer, _reach(wish, plugins, resolved)) as session:
        surveyed = survey(resolved, session)
        nowhere = Table(options.results)  # nothing is put there
        looking = _looking(surveyed, plugins, nowhere, session)
        first = _search(wish, looking, 0).first()
    varied = (*wish.space.representations, *wish.space.improvements)
    return Outlook(surveyed, tuple(map(str, first)), str(wish.budget), varied)


def _resolved(wish: Wish, plugins: Plugins) -> Resolved:
    """Make the plugins of the plan; refuse what a search cannot do.

    Raises
    ------
    PlanError
        There is not one classifier of pictures or rasters here, or no folds to choose by.
    """
    plan = wish.plan
    if len(plan.classifiers) != 1:
        names = ", ".join(map(str, plan.classifiers))
        raise PlanError(
            f"A search is for one classifier, and there are {len(plan.classifiers)} ({names}): "
            "name one, -c pca-svm."
        )
    if plan.seeds > 1 or plan.train_sizes:
        raise PlanError("A search has one seed and all training clips: no seeds, no train_sizes.")
    if plan.folds == 0 and not plan.split.endswith(".json"):
        raise PlanError("A search chooses by folds inside training: give --folds 2 or more.")
    resolved = resolve(plan, plugins)
    (classifier,) = resolved.classifiers.values()
    if isinstance(classifier, Missing):
        raise PlanError(f"{plan.classifiers[0]} cannot be used here: {classifier.reason}")
    if isinstance(classifier, SignalClassifier):
        raise PlanError(f"{classifier.name} looks at signals: there is no picture to search for.")
    if isinstance(classifier, RemoteClassifier):
        raise PlanError(
            f"{classifier.name} is a service, and a search asks too much of it: search with a "
            "local classifier, -c pca-svm, and run the choice with the service."
        )
    return resolved


def _reach(wish: Wish, plugins: Plugins, resolved: Resolved) -> Resolved:
    """Return a plan with a drawing of every plugin that may be proposed: workers need them all."""
    representations, improvements = (
        [plugins.catalogue.build(kind, Spec(name)) for name in names]
        for kind, names in (
            ("representation", wish.space.representations),
            ("improvement", wish.space.improvements),
        )
    )
    every = tuple(cast(Improvement, each) for each in improvements)
    drawings: dict[Way, AnyDrawing | Missing] = {
        Chain(Spec(each.name)): Drawing(cast(Representation, each), every)
        for each in representations
    }
    return dataclasses.replace(resolved, drawings={**drawings, **resolved.drawings})


def _looking(surveyed: Survey, plugins: Plugins, table: Table, session: Session) -> Looking:
    return Looking(
        resolved=surveyed.resolved,
        catalogue=plugins.catalogue,
        collection=surveyed.collection,
        splits=surveyed.splits,
        table=table,
        session=session,
    )


def _search(wish: Wish, looking: Looking, number: int) -> Search:
    """Make ready to search inside the training side of one split."""
    plan, collection = looking.resolved.plan, looking.collection
    written = plan.split or suggest(collection)
    of = written if written.endswith(".json") else parse_split_kind(written).written()
    inside = inside_of(of, number, looking.splits[number])
    trials = Trials(
        resolved=looking.resolved,
        catalogue=looking.catalogue,
        collection=collection,
        splits=tuple(inside.make(collection, 0, fold) for fold in range(inside.count)),
        written=inside.written(),
        table=looking.table,
        session=looking.session,
    )
    return Search(
        trials, Proposer(wish.space, wish.seed), plan.representations, wish.budget, wish.by
    )


@dataclass(frozen=True, slots=True)
class Inside:
    """What came of searching inside one training side, and the run that holds its trials."""

    found: Found
    start: Way
    chosen: Way
    run: Run


def _inside(wish: Wish, looking: Looking, number: int) -> Inside:
    if len(looking.splits) > 1:
        told = f"searching inside split {number + 1} of {len(looking.splits)}"
        looking.session.observer.tell(told)
    search = _search(wish, looking, number)
    found = search.run()
    trials = search.trials
    asked = trials.asked().asked
    assert asked is not None
    run = looking.table.ask(asked, trials.splits)
    ways = {str(each.way): each.way for each in search.candidates}
    return Inside(found, ways[found.start], ways[found.chosen], run)


def _findings(wish: Wish, looking: Looking, searched: Sequence[Inside]) -> Findings:
    """Look at the holdouts, once, and put everything together."""
    pairs = {number: (each.start, each.chosen) for number, each in enumerate(searched)}
    run = looking.look(pairs)
    first = dataclasses.replace(looking.plan({0: pairs[0]}), splits=1)
    return Findings(
        plan=first.written(),
        run=run.name,
        dataset=str(first.dataset),
        classifier=str(first.classifiers[0]),
        start=searched[0].found.start,
        synthetic=looking.resolved.dataset.synthetic,
        by=wish.by.value,
        seed=wish.seed,
        budget=str(wish.budget),
        varied=(*wish.space.representations, *wish.space.improvements),
        splits=tuple(
            SplitFinding(
                split=number,
                found=each.found,
                inside_run=each.run.name,
                accuracy=holdout_accuracy(run, number, each.chosen),
                holdout=advantage(run, {number: pairs[number]}),
                earlier=earlier_looks(run, number),
            )
            for number, each in enumerate(searched)
        ),
        pooled=advantage(run, pairs),
    )
