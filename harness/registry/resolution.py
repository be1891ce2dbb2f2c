"""A plan's words become plugins in canonical form, or the reason why they are not to be had."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from harness.contracts import (
    Classifier,
    Dataset,
    Improvement,
    RemoteClassifier,
    Representation,
)
from harness.errors import Inapplicable, PlanError, SightbenchError, Unavailable, one_line
from harness.pictures.drawing import Drawing
from harness.planning.parameters import spec_of
from harness.planning.plan import Plan
from harness.planning.specs import Chain, Spec
from harness.registry.catalogue import Catalogue
from harness.registry.discovery import Plugins
from harness.values import Missing


@dataclass(frozen=True, slots=True)
class Resolved:
    """A plan with its plugins made; what is unavailable here is `Missing`."""

    plan: Plan
    dataset: Dataset
    drawings: Mapping[Chain, Drawing | Missing]
    classifiers: Mapping[Spec, Classifier | RemoteClassifier | Missing]


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
    drawings: dict[Chain, Drawing | Missing] = {}
    classifiers: dict[Spec, Classifier | RemoteClassifier | Missing] = {}
    for chain in plan.representations:
        with _noting(problems):
            canonical, drawing = resolve_drawing(catalogue, chain, plan)
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


def resolve_drawing(
    catalogue: Catalogue, chain: Chain, plan: Plan
) -> tuple[Chain, Drawing | Missing]:
    """Make one way to draw, in canonical form, or say why it is not to be had here."""
    try:
        representation = cast(
            Representation, catalogue.build("representation", chain.representation)
        )
        improvements = tuple(
            cast(Improvement, catalogue.build("improvement", spec)) for spec in chain.improvements
        )
    except Unavailable as error:
        return chain, Missing(one_line(error))
    drawing = Drawing(representation, improvements, plan.picture)
    try:
        drawing.check()
    except Inapplicable as error:
        raise Inapplicable(f"{chain}: {error}") from None
    written = Chain(spec_of(representation), tuple(spec_of(each) for each in improvements))
    return written, drawing


def _classifier(
    catalogue: Catalogue, spec: Spec
) -> tuple[Spec, Classifier | RemoteClassifier | Missing]:
    try:
        classifier = cast(Classifier | RemoteClassifier, catalogue.build("classifier", spec))
    except Unavailable as error:
        return spec, Missing(one_line(error))
    return spec_of(classifier), classifier
