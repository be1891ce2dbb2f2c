from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import cli
from harness.cli.front import front_page
from harness.cli.verbs import VERBS, module_of
from harness.strangers.text import printable

Install = Callable[..., Path]

COMMAND = """
import typer
def command(times: int = 1) -> None:
    '''Greet.'''
    typer.echo("hello " * times)
"""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "COLUMNS": "80", **environment}
    return subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        capture_output=True,
        text=True,
        env=surroundings,
        check=False,
    )


def status(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert isinstance(end.value.code, int)
    return end.value.code


def test_the_front_page_imports_nothing_else() -> None:
    code = (
        "import sys; sys.argv = ['sightbench', '--help']\n"
        "from harness.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    page, _, loaded = done.stdout.partition("LOADED")
    assert "Usage: sightbench" in page
    modules = set(loaded.split())
    own = {name for name in modules if name.partition(".")[0] in ("harness", "plugins")}
    assert own == {
        "harness", "harness.cli", "harness.cli.front", "harness.cli.terminal",
        "harness.cli.verbs", "harness.errors", "harness.strangers", "harness.strangers.output",
        "harness.strangers.text",
        "harness.sources", "harness.sources.finding",
    }  # fmt: skip
    assert not modules & {"numpy", "typer", "rich", "pluggy", "librosa", "sklearn", "matplotlib"}


@pytest.mark.parametrize("columns", [50, 80, 100])
def test_the_front_page_fits(columns: int) -> None:
    lines = front_page(columns).splitlines()
    assert max(len(line) for line in lines) == columns
    for verb, summary in VERBS.items():
        assert any(verb in line and summary.split()[0] in line for line in lines)


def test_the_front_page_is_plain_where_it_must_be() -> None:
    for arguments in ([], ["--help"], ["-h"]):
        done = run(*arguments, PYTHONIOENCODING="ascii")
        assert done.returncode == 0
        assert done.stdout.isascii()
        assert "\033" not in done.stdout


def test_group_help_is_the_same_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["--version", "--help"]) == 0
    from harness.cli.dispatch import application

    application()(args=["--help"], standalone_mode=False)
    assert "Which picture of your signal" in capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module(module_of(verb))
    assert hasattr(module, "command") or hasattr(module, "app")
    assert status([verb, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Usage: sightbench {verb}" in shown


def test_verbs_wait_with_the_scientific_stack() -> None:
    heavy = ["numpy", "scipy", "librosa", "sklearn", "skimage", "matplotlib", "cv2", "pandas"]
    code = (
        "import importlib, sys\n"
        f"for verb in {list(map(module_of, VERBS))!r}: importlib.import_module(verb)\n"
        f"assert not set(sys.modules) & set({heavy!r}), set(sys.modules) & set({heavy!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["--version"]) == 0
    from importlib.metadata import version

    assert capsys.readouterr().out.strip() == f"sightbench {version('sightbench')}"


def test_a_misspelt_verb_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["lisst"]) == 2
    assert "Did you mean 'list'" in capsys.readouterr().err


def test_an_error_is_a_sentence_not_a_traceback(
    install: Install, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert status(["list", "--plugin", "no\x1bsuch.py"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("sightbench: No plugin file at ")
    assert "\x1b" not in shown
    assert shown.count("\n") == 1
    monkeypatch.setenv("SIGHTBENCH_TRACEBACK", "1")
    with pytest.raises(Exception, match="No plugin file at"):
        cli.main(["list", "--plugin", "nosuch.py"])


def test_another_distribution_adds_a_verb(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install(COMMAND, name="greeting", group="harness.commands", entry="greet")
    assert "greet  Greet." in front_page()
    assert status(["greet", "--times", "2"]) == 0
    assert capsys.readouterr().out.strip() == "hello hello"


def test_a_verb_that_cannot_be_loaded_names_its_distribution(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("1 / 0", name="torn", group="harness.commands", entry="tear")
    assert "tear" in front_page()
    assert status(["tear"]) == 2
    assert "pip uninstall torn" in capsys.readouterr().err


def test_an_interrupted_verb_ends_with_130(install: Install) -> None:
    source = "def command() -> None:\n    raise KeyboardInterrupt\n"
    install(source, name="stopped", group="harness.commands", entry="stop")
    assert status(["stop"]) == 130


def test_a_closed_pipe_is_no_error() -> None:
    for arguments in (["--help"], ["list", "--help"]):
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
        process.stderr.close()
        process.wait()
        assert errors == b""


def test_completion_names_verbs() -> None:
    done = run(_SIGHTBENCH_COMPLETE="complete_bash", COMP_WORDS="sightbench li", COMP_CWORD="1")
    assert done.stdout.split() == ["list"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("run -c majo", ["majority"]),
        ("run -r wavef", ["waveform"]),
        ("run -r mel+noise", ["mel+noise-removed"]),
        ("run -d upc", ["upcalls"]),
        ("run -c nothingsuch", []),
    ],
)
def test_completion_names_plugins(words: str, expected: list[str]) -> None:
    done = run(
        _SIGHTBENCH_COMPLETE="complete_bash", COMP_WORDS=f"sightbench {words}", COMP_CWORD="3"
    )
    assert done.stdout.split() == expected


def test_completion_script_is_shown() -> None:
    done = run("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert "_SIGHTBENCH_COMPLETE" in done.stdout


def test_control_characters_are_shown_not_obeyed() -> None:
    assert printable("a\x1b[31mb\nc\u202e") == "a\\x1b[31mb\nc\\u202e"
