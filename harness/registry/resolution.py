"""A plan's words become plugins in canonical form, or the reason why they are not to be had."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from harness.contracts import (
    Dataset,
    Improvement,
    LocalClassifier,
    RemoteClassifier,
    Representation,
    SignalClassifier,
)
from harness.errors import Inapplicable, PlanError, SightbenchError, Unavailable, one_line
from harness.pictures.drawing import Drawing
from harness.pictures.stacks import AnyDrawing, StackedDrawing
from harness.planning.parameters import spec_of
from harness.planning.plan import Plan
from harness.planning.specs import Chain, Spec
from harness.planning.ways import Stack, Way
from harness.registry.catalogue import Catalogue
from harness.registry.discovery import Plugins
from harness.values import Missing


@dataclass(frozen=True, slots=True)
class Resolved:
    """A plan with its plugins made; what is unavailable here is `Missing`."""

    plan: Plan
    dataset: Dataset
    drawings: Mapping[Way, AnyDrawing | Missing]
    classifiers: Mapping[Spec, LocalClassifier | RemoteClassifier | Missing]


def resolve(plan: Plan, plugins: Plugins) -> Resolved:
    """Make the plugins that a plan names, in canonical form.

    Raises
    ------
    SpecError
        A name or a parameter is wrong.
    Inapplicable
        An improvement does not fit its representation.
    """
    catalogue = plugins.catalogue
    problems: list[str] = []
    drawings: dict[Way, AnyDrawing | Missing] = {}
    classifiers: dict[Spec, LocalClassifier | RemoteClassifier | Missing] = {}
    for way in plan.representations:
        with _noting(problems):
            canonical, drawing = resolve_drawing(catalogue, way, plan)
            drawings[canonical] = drawing
    for spec in plan.classifiers:
        with _noting(problems):
            written, classifier = _classifier(catalogue, spec)
            classifiers[written] = classifier
    dataset = None
    with _noting(problems):
        dataset = cast(Dataset, catalogue.build("dataset", plan.dataset))
    if problems:
        raise PlanError("\n".join(dict.fromkeys(problems)))
    assert dataset is not None
    canonical_plan = dataclasses.replace(
        plan,
        dataset=spec_of(dataset),
        representations=tuple(drawings),
        classifiers=tuple(classifiers),
        on_signals=frozenset(each for each in classifiers if _looks_at_signals(catalogue, each)),
    )
    return Resolved(canonical_plan, dataset, drawings, classifiers)


class _noting:  # noqa: N801
    """Collects the faults of several choices, so that a person hears of all at once."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, SightbenchError):
            self.problems.append(str(error))
            return True
        return False


def _looks_at_signals(catalogue: Catalogue, spec: Spec) -> bool:
    """Say what a classifier looks at, also where it cannot be used here."""
    try:
        return issubclass(catalogue.find("classifier", spec.name), SignalClassifier)
    except Unavailable:  # its module cannot even be imported
        return False


def resolve_drawing(catalogue: Catalogue, way: Way, plan: Plan) -> tuple[Way, AnyDrawing | Missing]:
    """Make one way to draw, in canonical form, or say why it is not to be had here.

    Raises
    ------
    SpecError
        A name or a parameter is wrong.
    Inapplicable
        An improvement does not fit its representation, or a part does not fit a stack.
    """
    chains = way.parts if isinstance(way, Stack) else (way,)
    try:
        parts = tuple(_drawing(catalogue, chain, plan) for chain in chains)
    except Unavailable as error:
        return way, Missing(one_line(error))
    drawing = StackedDrawing(parts) if isinstance(way, Stack) else parts[0]
    try:
        drawing.check()
    except Inapplicable as error:
        raise Inapplicable(f"{way}: {error}") from None
    written = tuple(_written(part) for part in parts)
    return (Stack(written) if isinstance(way, Stack) else written[0]), drawing


def _drawing(catalogue: Catalogue, chain: Chain, plan: Plan) -> Drawing:
    representation = cast(Representation, catalogue.build("representation", chain.representation))
    improvements = tuple(
        cast(Improvement, catalogue.build("improvement", spec)) for spec in chain.improvements
    )
    return Drawing(representation, improvements, plan.picture)


def _written(drawing: Drawing) -> Chain:
    return Chain(spec_of(drawing.representation), tuple(map(spec_of, drawing.improvements)))


def _classifier(
    catalogue: Catalogue, spec: Spec
) -> tuple[Spec, LocalClassifier | RemoteClassifier | Missing]:
    try:
        classifier = cast(LocalClassifier | RemoteClassifier, catalogue.build("classifier", spec))
    except Unavailable as error:
        return spec, Missing(one_line(error))
    return spec_of(classifier), classifier
