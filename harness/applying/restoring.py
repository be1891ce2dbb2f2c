"""A bundle becomes plugins that are installed here; what is otherwise here is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from harness.applying.bundle import Bundle
from harness.applying.detector import Detector, PluginMade
from harness.applying.scoring import Scorer, digest_of
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
from harness.values import Missing

EXPERIMENT = "kept"


@dataclass(frozen=True, slots=True, eq=False)
class Restored:
    """What a detector is made of, here.

    Parameters
    ----------
    differences
        What is otherwise here than where it was made, in sentences.
    """

    drawing: AnyDrawing | None
    classifier: LocalClassifier
    differences: tuple[str, ...]

    def scorer(self, bundle: Bundle) -> Scorer:
        """Make what has learnt again.

        Raises
        ------
        StoreError
            What is written in the bundle does not fit together.
        """
        fitted = made_again(self.classifier, bundle)
        return Scorer(self.drawing, self.classifier, fitted, bundle.detector.classes)


def made_again(classifier: LocalClassifier, bundle: Bundle) -> Fitted:
    """Make a classifier that has learnt of what a bundle holds.

    Raises
    ------
    StoreError
        It does not fit together.
    """
    try:
        return classifier.made_again(bundle.knowledge)
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
        way, spec = _written(detector, catalogue)
        _expect_files(detector, way, spec)
        if not issubclass(catalogue.find("classifier", spec.name), LocalClassifier):
            raise StoreError(f"{spec.name} is a service here; a detector holds what learns here.")
        classifier = cast(LocalClassifier, catalogue.build("classifier", spec))
        drawing = None if way == SIGNAL else _drawing(detector, way, spec, catalogue)
    except StoreError:
        raise
    except SightbenchError as error:
        raise StoreError(f"The detector cannot be put together here: {one_line(error)}") from None
    if (drawing is None) != isinstance(classifier, SignalClassifier):
        raise StoreError(f"{spec.name} does not look at what the detector says that it does.")
    plugins = (*(plugins_of(drawing) if drawing is not None else ()), classifier)
    return Restored(drawing, classifier, tuple(_differences(detector, plugins)))


def _written(detector: Detector, catalogue: Catalogue) -> tuple[Way, Spec]:
    ways = parse_ways(detector.representation, catalogue.is_improvement)
    specs = parse_specs(detector.classifier)
    if len(ways) != 1 or len(specs) != 1:
        raise StoreError("The detector names several cells; it is made of one.")
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


def _drawing(detector: Detector, way: Way, spec: Spec, catalogue: Catalogue) -> AnyDrawing:
    plan = Plan(EXPERIMENT, Spec("none"), (way,), (spec,), picture=detector.picture)
    _, drawing = resolve_drawing(catalogue, way, plan)
    if isinstance(drawing, Missing):
        raise StoreError(f"The detector cannot be put together here: {drawing.reason}")
    return drawing


def _differences(detector: Detector, plugins: tuple[Plugin, ...]) -> Iterator[str]:
    here = {(each.kind, each.name): made_of(each) for each in plugins}
    for then in detector.plugins:
        now = here.get((then.kind, then.name))
        if now is None:
            continue
        if now.version != then.version:
            yield f"{then.name} was version {then.version}, here it is {now.version}"
        elif now.digest != then.digest:
            yield f"{then.name} has other sources or libraries here than where it was made"
    versions = environment.describe(1).libraries
    for name, version in detector.environment.libraries.items():
        if versions.get(name, version) != version:
            yield f"{name} was {version}, here it is {versions[name]}"
