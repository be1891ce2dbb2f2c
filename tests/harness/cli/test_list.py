from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main

Install = Callable[..., Path]


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["list", *arguments])
    assert end.value.code == 0
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_a_plugin_is_described(
    install: Install, louder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    install(louder, name="loud")
    shown = listed(capsys)
    for words in ("louder", "Multiplies by a gain.", "gain=2.0 dB", "how much", "loud 1.0"):
        assert words in shown
    assert "mode=all where (all, some)" in " ".join(shown.split())
    assert "\033" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_one_kind_alone(install: Install, louder: str, capsys: pytest.CaptureFixture[str]) -> None:
    install(louder, name="loud")
    assert "louder" not in listed(capsys, "classifiers")
    assert "louder" in listed(capsys, "improvements")


def test_a_file_is_listed_with_its_name(
    install: Install, louder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(louder)
    assert "mine.py" in listed(capsys, "improvements", "--plugin", str(file))
    assert "mine.py" in listed(capsys, "plugins", "--plugin", str(file))


def test_strangers_text_is_not_obeyed(
    install: Install, louder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    nasty = '"[red]how[/red] :smile: \\x1b[31mmuch"'
    install(louder.replace('"how much"', nasty), name="loud")
    shown = listed(capsys, "improvements")
    assert "[red]how[/red] :smile:" in shown.replace("\n", " ")
    assert "\x1b" not in shown


def test_what_is_unavailable_says_why(
    install: Install, louder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    install(
        louder.replace(
            "    gain:", "    requires: ClassVar[tuple[str, ...]] = ('absentee',)\n    gain:"
        ),
        name="needs-one",
    )
    install(
        louder.replace("@hookimpl", "import no_such_package\n@hookimpl").replace("louder", "lost"),
        name="lost-one",
    )
    shown = listed(capsys)
    assert "unavailable: needs absentee" in shown
    assert "unavailable: needs no_such_package" in shown
    assert "lost-one" in listed(capsys, "plugins")
    one_kind = " ".join(listed(capsys, "classifiers").split())
    assert "Not listed, for it needs no_such_package, not installed" in one_kind
    assert "lost-one" in one_kind


def test_json_has_all_of_it(
    install: Install, louder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    install(louder, name="loud")
    document = json.loads(listed(capsys, "--format", "json"))
    assert document["schema"] == 1
    assert document["datasets"] == []
    (louder_listed,) = document["improvements"]
    assert louder_listed["parameters"][0]["unit"] == "dB"
    assert louder_listed["origin"]["distribution"] == "loud"
    (source,) = document["plugins"]
    assert source["gives"] == {"improvement": ["louder"]}


def test_listing_the_built_ins_imports_no_heavy_library() -> None:
    code = (
        "import sys; sys.argv = ['sightbench', 'list']\n"
        "from harness.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page, _, loaded = done.stdout.partition("LOADED")
    assert "spectrogram" in page
    heavy = {"librosa", "scipy", "sklearn", "skimage", "matplotlib", "cv2", "soundfile", "pandas"}
    assert not heavy & set(loaded.split())
