from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.registry.discovery import load
from harness.sources.kinds import KINDS

Install = Callable[..., Path]


def new(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["new", *arguments])
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_file_is_a_plugin_at_once(
    install: Install, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(kind, "my-own-idea", "--folder", str(tmp_path)) == 0
    path = tmp_path / "my_own_idea.py"
    assert f"sightbench check {path}" in " ".join(capsys.readouterr().out.split())
    cls = load([path]).catalogue.find(kind, "my-own-idea")
    assert cls.__name__ == "MyOwnIdea"
    assert "{{" not in path.read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_has_all_that_it_takes(install: Install, kind: str, tmp_path: Path) -> None:
    assert new(kind, "my-own-idea", "--package", "--folder", str(tmp_path)) == 0
    root = tmp_path / "my-own-idea"
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert files == {
        "README.md", "pyproject.toml", "tox.ini", "src/my_own_idea/__init__.py",
        "src/my_own_idea/plugin.py", "tests/test_my_own_idea.py",
    }  # fmt: skip
    assert not any("{{" in (root / file).read_text() for file in files)


def test_what_exists_is_not_overwritten(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text("precious")
    assert new("improvement", "mine", "--folder", str(tmp_path)) == 2
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "mine.py").read_text() == "precious"


@pytest.mark.parametrize("name", ["My Filter", "../up", "class", "9lives", "a--b", ""])
def test_a_name_that_cannot_be_is_refused(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert new("improvement", name, "--folder", str(tmp_path)) == 2
    assert "cannot be a plugin's name" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_taken_name_is_refused(
    install: Install, louder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(louder, name="loud")
    assert new("classifier", "louder", "--folder", str(tmp_path)) == 2
    assert "There is an improvement 'louder' already" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(
    install: Install, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert new("improvement", "mine", "--folder", str(tmp_path / "file")) == 2
    assert "cannot be written" in capsys.readouterr().err
