"""What a module offers in one line, and what is said when it does not."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.conformance import Subject, examine
from harness.errors import PluginError
from harness.planning.specs import Spec
from harness.registry.discovery import load
from harness.sources.kinds import KINDS

Install = Callable[..., Path]

SAMPLES = Path(__file__).parents[2] / "samples" / "until_now"
"""What `sightbench new` wrote until version 0.1: decorators, class variables, hooks."""


def write(path: Path, source: str) -> Path:
    path.write_text(source)
    return path


def test_one_line_offers_classes_of_any_kind(install: Install, softer: str, tmp_path: Path) -> None:
    for catalogue in (
        load([write(tmp_path / "soft.py", softer)]).catalogue,
        (install(softer, name="soft"), load().catalogue)[1],
    ):
        assert catalogue.names("improvement") == ["softer"]
        assert catalogue.names("classifier") == ["nothing"]
        plugin = catalogue.build("improvement", Spec("softer", (("by", 3),)))
        assert pickle.loads(pickle.dumps(plugin)) == plugin


def test_a_list_and_hooks_go_together(install: Install, softer: str, louder: str) -> None:
    install(louder + softer, name="both")
    assert load().catalogue.names("improvement") == ["louder", "softer"]


def test_a_part_called_plugins_is_no_offer(install: Install, louder: str) -> None:
    install("import json as plugins\n" + louder.replace("from __future__", "#"), name="loud")
    assert load().catalogue.names("improvement") == ["louder"]


LINE = "plugins = [Softer, Nothing]"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (LINE, "", "offers nothing: write plugins = [Softer, Nothing] at its end"),
        (LINE, "plugins = []", "offers nothing: write plugins = [Softer, Nothing] at its end"),
        (LINE, "plugins = Softer", "plugins must be a list of classes, not"),
        (LINE, "plugins = [Softer, Softer]", "offers the class Softer twice"),
        (LINE, "plugins = [Softer()]", "which is not a class"),
        (LINE, "plugins = [int]", "plugins has the class int, which is not a subclass of Dataset"),
        (
            LINE,
            "from harness import hookimpl\nplugins = [Softer]\n"
            "@hookimpl\ndef harness_improvements():\n    return [Softer]",
            "offers the class Softer twice: name it once, in plugins or in a hook",
        ),
        ('    name = "softer"\n', "", 'whose name is None: write name = "lower-case-words"'),
        ('name = "softer"', "name = 'Soft er'", "whose name is 'Soft er'"),
        ('name = "softer"', 'name = "softer"\n    version = 2', 'write version = "2"'),
        (
            'name = "softer"',
            'name = "softer"\n    needs = ("frequency")',
            "whose needs is the text 'frequency': write needs = (\"frequency\",)",
        ),
        ("by: float = p", "by = p", "Softer: by = parameter(...) has no type"),
        ("parameter(2.0,", "parameter([],", "the default of by can be changed"),
        ("by: float", "version: float", 'parameter(..., written="version")'),
        ("by: float", "_by: float", "whose field '_by' cannot be a parameter"),
        ("def improve(", "def improves(", "lacks the method improve"),
    ],
)
def test_a_mistake_gets_one_sentence_with_origin_and_remedy(
    install: Install, softer: str, tmp_path: Path, old: str, new: str, why: str
) -> None:
    assert old in softer
    file = write(tmp_path / "broken.py", softer.replace(old, new))
    with pytest.raises(PluginError) as caught:
        load([file])
    message = str(caught.value)
    assert why in message
    assert message.startswith(f"The plugin file {file}")
    assert message.endswith("Correct the file, or leave out its --plugin.")
    assert "\n" not in message


def test_two_modules_with_the_same_class(install: Install, softer: str) -> None:
    module = install(softer, name="first").stem
    install(f"from {module} import Softer\nplugins = [Softer]", name="second")
    with pytest.raises(PluginError, match=r"Softer is offered twice, by first .* and by second "):
        load()


@pytest.mark.parametrize("kind", KINDS)
def test_plugins_written_until_now_still_load_and_pass(kind: str, install: Install) -> None:
    catalogue = load([SAMPLES / f"old_{kind}.py"]).catalogue
    plugin = catalogue.build(kind, Spec(f"old-{kind}"))
    (listed,) = catalogue.listed(kind)
    assert listed.parameters[0].help
    outcomes = list(examine(plugin))
    assert [each for each in outcomes if each.status == "fail"] == []
    assert sum(each.status == "pass" for each in outcomes) >= 5
    assert Subject(plugin)


LOOKER = """
from harness import Predictions, SignalClassifier


class Listener(SignalClassifier):
    \"\"\"Listens.\"\"\"

    name = "listener"

    def fit(self, features, labels, rng):
        raise NotImplementedError


plugins = [Listener]
"""


@pytest.mark.parametrize(
    ("base", "said"), [("Classifier", "signals"), ("SignalClassifier", "sounds")]
)
def test_what_a_classifier_looks_at_is_said_by_its_base_alone(
    tmp_path: Path, base: str, said: str
) -> None:
    source = LOOKER.replace("SignalClassifier", base)
    source = source.replace('"listener"', f'"listener"\n    looks_at = "{said}"')
    with pytest.raises(PluginError, match=f"looks_at is '{said}': leave it out, and take the base"):
        load([write(tmp_path / "listener.py", source)])


def test_classifiers_of_signals_are_listed_with_what_they_look_at(tmp_path: Path) -> None:
    catalogue = load([write(tmp_path / "listener.py", LOOKER)]).catalogue
    looks = {each.name: each.looks_at for each in catalogue.listed("classifier")}
    assert (looks["listener"], looks["pca-svm"], looks["nyckel"]) == (
        "signals", "pictures", "pictures",
    )  # fmt: skip
    assert {each.looks_at for each in catalogue.listed("representation")} == {None}


def test_no_representation_is_called_signal(tmp_path: Path) -> None:
    source = (
        "from harness import Representation\n\n\nclass Plain(Representation):\n"
        '    """Plain."""\n\n    name = "signal"\n\n'
        "    def raster(self, signals):\n        raise NotImplementedError\n\n\n"
        "plugins = [Plain]\n"
    )
    with pytest.raises(PluginError, match="'signal', which stands for cells without a picture"):
        load([write(tmp_path / "plain.py", source)])
