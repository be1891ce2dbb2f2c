from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.scaffolding.files import write_file

Install = Callable[..., Path]

SHAPE = "Raster(values,"


def check(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["check", *arguments])
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.fixture
def plugin_file(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    return write_file("improvement", "my-filter", tmp_path)


def test_a_sound_file_passes(plugin_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(str(plugin_file)) == 0
    shown = capsys.readouterr().out
    assert "my-filter" in shown
    assert "20 passed, 0 failed, 1 skipped" in shown
    assert "no stored output" in shown
    assert "one-clip-only" not in shown


def test_all_shows_what_passed(plugin_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(str(plugin_file), "--all") == 0
    shown = capsys.readouterr().out
    assert "one-clip-only" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_a_failure_has_reason_and_remedy_and_status(
    plugin_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin_file.write_text(plugin_file.read_text().replace(SHAPE, "Raster(values[:1],"))
    assert check(str(plugin_file)) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "fail shape 7 clips give 1 rasters. It asks: One raster a clip" in shown
    assert "What to do: Return Raster(values, rows, columns, scale), one raster a clip." in shown


def test_json(plugin_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(str(plugin_file), "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == 1
    statuses = {each["check"]: each["status"] for each in document["checks"]}
    assert statuses["shape"] == "pass"
    assert statuses["version"] == "skipped"


def test_stored_outputs_ask_for_a_new_version(
    plugin_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(str(plugin_file), "--store") == 0
    assert "21 passed" in capsys.readouterr().out
    plugin_file.write_text(plugin_file.read_text().replace(SHAPE, "Raster(2 * values,"))
    assert check(str(plugin_file)) == 1
    assert "Raise the class's version" in capsys.readouterr().out


def test_an_installed_name_with_parameters(
    install: Install,
    louder: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs = "    needs: ClassVar[tuple[str, ...]] = ('frequency', 'time')\n    gain:"
    path = install(louder.replace("    gain:", needs), name="loud")
    monkeypatch.setenv("PYTHONPATH", str(path.parent))
    assert check("louder[gain=3.0]") == 0
    assert "louder[gain=3.0]" in capsys.readouterr().out


def test_an_unknown_name_is_a_sentence(
    install: Install, louder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    install(louder, name="loud")
    assert check("lauder") == 2
    assert "No plugin is called 'lauder'. There are: louder." in capsys.readouterr().err
