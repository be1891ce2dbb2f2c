"""A bundle becomes plugins that are installed here; what is otherwise here is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from harness.applying.bundle import Bundle
from harness.applying.detector import Detector, MemberMade, PluginMade
from harness.applying.scoring import Scorer, Together, digest_of
from harness.contracts import Fitted, LocalClassifier, Plugin, SignalClassifier
from harness.errors import SightbenchError, StoreError, one_line
from harness.measuring import environment
from harness.pictures.stacks import AnyDrawing, plugins_of
from harness.planning.parameters import spec_of
from harness.planning.plan import Plan
from harness.planning.specs import Spec, parse_specs
from harness.planning.ways import SIGNAL, Way, chains_of, parse_ways
from harness.registry.catalogue import Catalogue
from harness.registry.resolution import resolve_drawing
from harness.sources.digests import file_digest, plugin_key
from harness.values import Knowledge, Missing

EXPERIMENT = "kept"


@dataclass(frozen=True, slots=True, eq=False)
class Restored:
    """What a detector is made of, here.

    Parameters
    ----------
    members
        Drawing and classifier of each; members of one way have one drawing.
    differences
        What is otherwise here than where it was made, in sentences.
    """

    members: tuple[tuple[AnyDrawing | None, LocalClassifier], ...]
    differences: tuple[str, ...]

    def scorer(self, bundle: Bundle) -> Together:
        """Make what has learnt again.

        Raises
        ------
        StoreError
            What is written in the bundle does not fit together.
        """
        classes = bundle.detector.classes
        scorers = [
            Scorer(drawing, classifier, made_again(classifier, knowledge), classes)
            for (drawing, classifier), knowledge in zip(self.members, bundle.learnt, strict=True)
        ]
        return Together(tuple(scorers), bundle.detector.times)


def made_again(classifier: LocalClassifier, knowledge: Knowledge) -> Fitted:
    """Make a classifier that has learnt of what a bundle holds.

    Raises
    ------
    StoreError
        It does not fit together.
    """
    try:
        return classifier.made_again(knowledge)
    except (Exception, SystemExit) as error:  # a stranger's plugin, or a bundle's numbers
        raise StoreError(f"What the detector learnt cannot be made again: {one_line(error)}") from (
            None if isinstance(error, SightbenchError) else error
        )


def made_of(plugin: Plugin) -> PluginMade:
    """Write down what a plugin is, and all that its output depends on."""
    texts = [value for _, value in spec_of(plugin).parameters if isinstance(value, str)]
    files = {text: digest for text in texts if (digest := file_digest(text))}
    written = str(spec_of(plugin))
    digest = digest_of(plugin_key(plugin))
    return PluginMade(plugin.kind, plugin.name, plugin.version, written, digest, files)


def restore(detector: Detector, catalogue: Catalogue) -> Restored:
    """Make the plugins that a detector names, of those that are installed here alone.

    Raises
    ------
    StoreError
        One is not to be had here, or a parameter names a file that is not the one it was.
    """
    try:
        written = [_written(member, catalogue) for member in detector.members]
        for way, spec in written:
            _expect_files(detector, way, spec)
        drawings = {way: _drawing(detector, way, spec, catalogue) for way, spec in written}
        members = tuple((drawings[way], _classifier(spec, catalogue)) for way, spec in written)
    except StoreError:
        raise
    except SightbenchError as error:
        raise StoreError(f"The detector cannot be put together here: {one_line(error)}") from None
    for drawing, classifier in members:
        if (drawing is None) != isinstance(classifier, SignalClassifier):
            raise StoreError(f"{classifier.name} does not look at what the detector says.")
    plugins = [plugin for drawing in drawings.values() if drawing for plugin in plugins_of(drawing)]
    plugins += [classifier for _, classifier in members]
    return Restored(members, tuple(_differences(detector, plugins)))


def _classifier(spec: Spec, catalogue: Catalogue) -> LocalClassifier:
    if not issubclass(catalogue.find("classifier", spec.name), LocalClassifier):
        raise StoreError(f"{spec.name} is a service here; a detector holds what learns here.")
    return cast(LocalClassifier, catalogue.build("classifier", spec))


def _written(member: MemberMade, catalogue: Catalogue) -> tuple[Way, Spec]:
    ways = parse_ways(member.representation, catalogue.is_improvement)
    specs = parse_specs(member.classifier)
    if len(ways) != 1 or len(specs) != 1:
        raise StoreError("A member of the detector names several cells; each is one.")
    return ways[0], specs[0]


def _expect_files(detector: Detector, way: Way, spec: Spec) -> None:
    """Refuse, before any plugin is made, parameters that name other files than they did."""
    chains = [] if way == SIGNAL else chains_of(way)
    specs = [each for chain in chains for each in (chain.representation, *chain.improvements)]
    known = {name: digest for plugin in detector.plugins for name, digest in plugin.files.items()}
    for each in (*specs, spec):
        for name, value in each.parameters:
            names_file = isinstance(value, str) and (value in known or set(value) & set("/\\."))
            if names_file and file_digest(str(value)) != known.get(str(value), ""):
                raise StoreError(
                    f"The detector needs the file that {each.name}[{name}={value!r:.80}] names, "
                    "just as it was when it was kept; here it is missing, or another."
                )


def _drawing(detector: Detector, way: Way, spec: Spec, catalogue: Catalogue) -> AnyDrawing | None:
    if way == SIGNAL:
        return None
    plan = Plan(EXPERIMENT, Spec("none"), (way,), (spec,), picture=detector.picture)
    _, drawing = resolve_drawing(catalogue, way, plan)
    if isinstance(drawing, Missing):
        raise StoreError(f"The detector cannot be put together here: {drawing.reason}")
    return drawing


def _differences(detector: Detector, plugins: Sequence[Plugin]) -> Iterator[str]:
    here: dict[tuple[str, str], list[PluginMade]] = {}
    for each in map(made_of, plugins):
        here.setdefault((each.kind, each.name), []).append(each)
    for then in detector.plugins:
        own = here.get((then.kind, then.name), [])
        if not own or any((e.version, e.digest) == (then.version, then.digest) for e in own):
            continue
        if own[0].version != then.version:
            yield f"{then.name} was version {then.version}, here it is {own[0].version}"
        else:
            yield f"{then.name} has other sources or libraries here than where it was made"
    versions = environment.describe(1).libraries
    for name, version in detector.environment.libraries.items():
        if versions.get(name, version) != version:
            yield f"{name} was {version}, here it is {versions[name]}"
