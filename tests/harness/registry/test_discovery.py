from __future__ import annotations

import importlib
import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.contracts import PLUGIN_KINDS
from harness.errors import PluginError, Unavailable
from harness.planning.specs import Spec
from harness.registry.discovery import load
from harness.sources.digests import source_digest

Install = Callable[..., Path]


def write(path: Path, source: str) -> Path:
    path.write_text(source)
    return path


def test_an_installed_distribution_is_found(install: Install, louder: str) -> None:
    install(louder, name="loud-plugins", entry="louder")
    plugins = load()
    assert plugins.catalogue.names("improvement") == ["louder"]
    (source,) = plugins.sources
    assert (source.distribution, source.version, source.entry) == ("loud-plugins", "1.0", "louder")


def test_a_file_is_found_without_touching_the_path(
    install: Install, louder: str, tmp_path: Path
) -> None:
    before = list(sys.path)
    file = write(tmp_path / "my filter.py", louder)
    plugins = load([file, tmp_path / "." / "my filter.py"])
    assert plugins.catalogue.names("improvement") == ["louder"]
    assert plugins.catalogue.listed("improvement")[0].origin.file == str(file)
    assert sys.path == before


def test_an_edited_file_is_loaded_anew(install: Install, louder: str, tmp_path: Path) -> None:
    file = write(tmp_path / "f.py", louder)
    first = load([file]).catalogue.find("improvement", "louder")
    digest = source_digest(first)
    write(file, louder.replace("Multiplies", "Multiplied"))
    second = load([file]).catalogue.find("improvement", "louder")
    assert first.__doc__ != second.__doc__
    assert source_digest(second) != digest
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_is_shared_between_two_calls(install: Install, louder: str, tmp_path: Path) -> None:
    load([write(tmp_path / "f.py", louder)])
    assert load().catalogue.names("improvement") == []


def test_event_hooks_are_heard(install: Install) -> None:
    install(
        """
        from harness import hookimpl
        heard = []
        @hookimpl
        def harness_cell_started(cell):
            heard.append(cell)
        """
    )
    plugins = load()
    plugins.hook.harness_cell_started(cell="a cell")
    assert sys.modules[plugins.sources[0].module].heard == ["a cell"]


def _built_again(pickled: bytes) -> tuple[str, bytes]:
    plugin = pickle.loads(pickled)
    return plugin.name, pickle.dumps(plugin)


def test_a_local_plugin_travels_to_a_fresh_process(
    install: Install, louder: str, tmp_path: Path
) -> None:
    catalogue = load([write(tmp_path / "f.py", louder)]).catalogue
    plugin = catalogue.build("improvement", Spec("louder", (("gain", 3),)))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        name, back = pool.apply(_built_again, (pickle.dumps(plugin),))
    assert name == "louder"
    assert pickle.loads(back) == plugin


def test_a_file_that_changed_meanwhile_is_refused(
    install: Install, louder: str, tmp_path: Path
) -> None:
    file = write(tmp_path / "f.py", louder)
    plugin = load([file]).catalogue.build("improvement", Spec("louder"))
    pickled = pickle.dumps(plugin)
    del sys.modules[type(plugin).__module__]
    write(file, louder + "\n# more\n")
    with pytest.raises(PluginError, match="changed while it was in use"):
        pickle.loads(pickled)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "def harness_improvements",
            "def harness_improvments",
            "did you mean harness_improvements",
        ),
        ("@hookimpl\ndef", "def", "not marked with @hookimpl"),
        ("harness_improvements()", "harness_improvements(colour)", "asks for colour"),
        ("return [Louder]", "return Louder", "must return a list of classes"),
        ("return [Louder]", "return [Louder()]", "which is not a class"),
        ("return [Louder]", "return [int]", "not a subclass of Improvement"),
        ("return [Louder]", "return None", "must return a list"),
        ("return [Louder]", "return 1 / 0", "ZeroDivisionError"),
        ("@dataclass(frozen=True, kw_only=True)", "@dataclass", "non-frozen dataclass"),
        ("def improve(", "def improves(", "lacks the method improve"),
        ('    name: ClassVar[str] = "louder"', "", 'write name = "lower'),
        ('"louder"', '"Lou der"', 'write name = "lower'),
        ("gain: float", "gain: Flote", "annotations cannot be evaluated"),
        ("from harness import", "from harness import Nonsense,", "cannot import name 'Nonsense'"),
        ("from harness import", "from harnes import", "No module named 'harnes'"),
        ("from harness import", "raise SystemExit(3)\nfrom harness import", "SystemExit: 3"),
        ("return [Louder]", "return [Louder", "SyntaxError"),
        (
            "from harness import",
            "requires_harness = '>=999'\nfrom harness import",
            "needs sightbench",
        ),
        (
            "from harness import",
            "requires_harness = 'new'\nfrom harness import",
            "version specifier",
        ),
        (
            "@hookimpl\ndef harness_improvements():\n    return [Louder]",
            "",
            "offers nothing: write plugins = [Louder]",
        ),
    ],
)
def test_a_faulty_module_names_its_origin_and_the_remedy(
    install: Install, louder: str, tmp_path: Path, old: str, new: str, why: str
) -> None:
    assert old in louder
    broken = louder.replace(old, new)
    with pytest.raises(PluginError) as of_file:
        load([write(tmp_path / "broken.py", broken)])
    assert why in str(of_file.value)
    assert str(tmp_path / "broken.py") in str(of_file.value)
    if "No module named" in why:
        return
    module = install(broken, name="broken-plugins").stem
    with pytest.raises(PluginError) as of_distribution:
        load()
    for words in (why, "broken-plugins 1.0", module):
        assert words in str(of_distribution.value)


def test_a_hook_of_another_signature_and_version_that_fits(install: Install, louder: str) -> None:
    install(
        "requires_harness = '>=0.1'\n" + louder.replace("from __future__ import annotations", "")
    )
    assert load().catalogue.names("improvement") == ["louder"]


def test_two_plugins_of_one_name_are_both_named(
    install: Install, louder: str, tmp_path: Path
) -> None:
    module = install(louder, name="first").stem
    renamed = louder.replace("class Louder", "class Other").replace("[Louder]", "[Other]")
    with pytest.raises(PluginError) as caught:
        load([write(tmp_path / "second.py", renamed)])
    for words in (f"{module}.Louder", "first 1.0", ".Other", "second.py", "another name"):
        assert words in str(caught.value)


def test_a_missing_package_makes_it_unavailable_with_the_reason(
    install: Install, louder: str
) -> None:
    install(
        louder.replace("@hookimpl", "import no_such_package\n@hookimpl"),
        name="needy",
        entry="louder",
    )
    catalogue = load().catalogue
    assert catalogue.names("improvement") == []
    with pytest.raises(Unavailable, match="needs no_such_package, not installed: pip install"):
        catalogue.build("improvement", Spec("louder"))
    assert [absent.origin.distribution for absent in catalogue.absent] == ["needy"]


def test_a_missing_part_of_itself_is_a_fault(install: Install, louder: str) -> None:
    path = install(louder, name="torn")
    path.write_text(f"import {path.stem}.inside\n")
    with pytest.raises(PluginError, match=r"torn 1\.0.*pip install -U torn"):
        load()


def test_a_file_that_is_not_there(install: Install, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="No plugin file at"):
        load([tmp_path / "nothing.py"])


def test_two_answers_where_one_is_asked(install: Install) -> None:
    source = """
        from harness import hookimpl
        @hookimpl
        def harness_default_choices():
            return {}
        """
    install(source, name="one")
    install(source, name="two")
    with pytest.raises(PluginError, match=r"takes one answer, but is given by one .*and by two "):
        load()


def test_the_digest_covers_what_the_module_imports_from_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, louder: str
) -> None:
    package = tmp_path / "digested"
    package.mkdir()
    write(package / "__init__.py", "")
    write(package / "beside.py", "GAIN = 2\n")
    write(package / "unrelated.py", "GAIN = 2\n")
    write(package / "plugin.py", louder.replace("@hookimpl", "from . import beside\n@hookimpl"))
    monkeypatch.syspath_prepend(str(tmp_path))
    cls = importlib.import_module("digested.plugin").Louder
    first = source_digest(cls)
    write(package / "unrelated.py", "GAIN = 3\n")
    assert source_digest(cls) == first
    write(package / "beside.py", "GAIN = 3\n")
    assert source_digest(cls) != first


ONE_BY_ONE = """
import sys
from harness.registry.discovery import load

def rooms():
    return {n.split(".")[2] for n in sys.modules if n.startswith("plugins.classifiers.")}

catalogue = load().catalogue
print(*rooms())
catalogue.find("classifier", "majority"), catalogue.is_improvement("mel")
print("majority" in rooms(), "pca_svm" in rooms())
assert len(catalogue.names("classifier")) > 10
print("majority" in rooms(), "pca_svm" in rooms())
"""


def test_a_built_in_is_loaded_when_it_is_asked_for() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["", "True False", "True True"]


def test_a_built_in_is_called_as_its_entry_and_listens_to_nothing() -> None:
    plugins = load()
    listed = [each for kind in PLUGIN_KINDS for each in plugins.catalogue.listed(kind)]
    assert {each.name: each.origin.entry for each in listed} == {e.name: e.name for e in listed}
    alone = {each.entry for each in plugins.sources} - {each.name for each in listed}
    assert alone == {"defaults"}
    for heard in ("harness_cell_started", "harness_cell_finished"):
        assert getattr(plugins.hook, heard).get_hookimpls() == []


def test_a_built_in_whose_name_a_file_takes_is_named_at_once(louder: str, tmp_path: Path) -> None:
    file = write(tmp_path / "f.py", louder.replace('"louder"', '"pcen"'))
    with pytest.raises(PluginError, match="Two plugins are called 'pcen'"):
        load([file])
