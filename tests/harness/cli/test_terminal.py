from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli import terminal

Call = Callable[..., tuple[int, str, str]]

ENCODINGS = ("ascii", "latin-1", "cp1252", "utf-16", "utf-8", "koi8-r")


@given(st.text(), st.sampled_from(ENCODINGS))
def test_anything_can_be_encoded(text: str, encoding: str) -> None:
    fitting = terminal.encodable(text, encoding)
    assert fitting.encode(encoding).decode(encoding) == fitting
    assert terminal.encodable(fitting, encoding) == fitting


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("mel × svm", "ascii", "mel x svm"),
        ("79.9–95.3…", "ascii", "79.9-95.3..."),
        ("≈ 3 → 4 ▲", "latin-1", "~ 3 -> 4 ^"),
        ("mel × svm", "latin-1", "mel × svm"),
        ("кит", "cp1252", "\\u043a\\u0438\\u0442"),
        ("кит", "koi8-r", "кит"),
        ("é", "no-such-codec", "\\xe9"),
    ],
)
def test_symbols_are_replaced_and_letters_escaped(text: str, encoding: str, shown: str) -> None:
    assert terminal.encodable(text, encoding) == shown


@given(st.text(), st.sampled_from(ENCODINGS))
def test_json_reads_back_the_same_in_any_encoding(text: str, encoding: str) -> None:
    document = json.dumps({text: [text]}, indent=1, ensure_ascii=False)
    escaped = terminal.escaped(document, encoding)
    assert escaped.replace("\n", "").isprintable()
    assert json.loads(escaped.encode(encoding).decode(encoding)) == {text: [text]}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-16", "utf-8"])
@pytest.mark.parametrize("format", ["table", "json", "csv", "markdown", "latex"])
def test_a_run_is_shown_in_any_encoding(
    verb: Call, hostile: Path, hostile_label: str, encoding: str, format: str
) -> None:
    status, shown, errors = verb(
        "show", "--format", format, "--results", hostile / "results", encoding=encoding
    )
    assert (status, errors) == (0, "")
    assert "waveform" in shown
    _expect_harmless(shown)
    if format == "json":
        assert hostile_label in json.loads(shown)["dataset"]["classes"]


def _expect_harmless(shown: str) -> None:
    letters = set(shown) - {"\n"}
    assert not {each for each in letters if unicodedata.category(each) in ("Cc", "Cf")}


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["runs"],
        ["runs", "--format", "json"],
        ["show", "--details"],
        ["compare", "waveform/pixels-logistic", "spectrogram/pixels-logistic"],
        ["disagree", "waveform/pixels-logistic", "spectrogram/pixels-logistic"],
        ["disagree", "waveform/pixels-logistic", "spectrogram/pixels-logistic", "--format", "json"],
        ["report", "--clips", "0"],
        ["show", "no\x1b[31m\u202esuch"],
    ],
)
def test_every_verb_shows_strangers_words(
    verb: Call, hostile: Path, arguments: list[str], encoding: str
) -> None:
    status, shown, errors = verb(*arguments, "--results", hostile / "results", encoding=encoding)
    assert status == (2 if "\x1b" in arguments[-1] else 0), errors
    _expect_harmless(shown + errors)


def test_splits_pictures_and_lists_show_strangers_words(
    verb: Call, hostile: Path, hostile_label: str, tmp_path: Path
) -> None:
    data = ("-d", "labelled-folder", "--path", hostile / "data")
    for arguments in (
        ("split", "make", tmp_path / "s.json", *data, "--folds", "0", "-j", "1"),
        ("split", "show", tmp_path / "s.json"),
        ("render", *data, "-r", "waveform", "-o", tmp_path / f"p{hostile_label[3:9]}"),
        ("run", *data, "-r", "waveform", "-c", "majority", "--dry-run", "-j", "1",
         "--results", tmp_path / "none", "--cache", tmp_path / "cache"),
        ("cache", "show", "--cache", hostile / "cache"),
        ("list", "datasets"),
    ):  # fmt: skip
        status, shown, errors = verb(*arguments, encoding="ascii")
        assert status == 0, errors
        _expect_harmless(shown + errors)
    assert not (tmp_path / "none").exists(), "a dry run leaves no folder"
    assert not (tmp_path / "cache").exists()


def test_colours_are_ours_alone() -> None:
    from rich.console import Console
    from rich.text import Text

    made = terminal.console()
    out = io.StringIO()
    loud = Console(file=out, force_terminal=True, color_system="standard", width=60)
    for hook in made._render_hooks:
        loud.push_render_hook(hook)
    loud.print(Text("red \x1b[2J", style="red"))
    assert "\\x1b[2J" in out.getvalue()
    assert out.getvalue().startswith("\x1b[31m")


def test_stdout_is_ours_during_a_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.own_stdout():
        print("a stranger \x1b[31m")
        terminal.write("ours")
    print("after")
    shown = capsys.readouterr()
    assert shown.out == "ours\nafter\n"
    assert shown.err == "a stranger \\x1b[31m\n"


STRANGER = """
import os, subprocess
from harness.cli import terminal
with terminal.open_streams(), terminal.own_stdout():
    os.write(1, b"past Python")
    subprocess.run(["echo", "from a child"])
    print("a print")
    terminal.write("ours – ✓")
    terminal.stdout().write("also ours")
print("after")
"""


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_nothing_that_is_not_ours_reaches_stdout(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STRANGER], capture_output=True, check=True,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    shown = "ours – ✓" if encoding == "utf-8" else terminal.encodable("ours – ✓", encoding)
    assert done.stdout.decode() == f"{shown}\nalso oursafter\n"
    assert sorted(done.stderr.split()) == sorted(b"past Pythonfrom a child a print".split())


def test_a_reader_who_went_away_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = terminal.Encoded(open(writing, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    stream.write("x" * 100_000)
    stream.flush()
    assert stream.gone
    stream.write("nobody hears")
    stream.stream.close()


TALKER = """
print("imported \\x1b[31m")
from harness import Representation, Raster
import numpy as np

class Talks(Representation):
    '''Talks.'''

    name = "talks"

    def raster(self, signals):
        print("drawing \\x1b[31m")
        return Raster(signals.samples[:, :1, :16] + 0.0)

plugins = [Talks]
"""


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_lead_nowhere(closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m harness list datasets {closed}'],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_a_full_device_is_a_sentence() -> None:
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m harness list datasets > /dev/full'],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if not line.startswith("loading plugins: ")]
    assert said == ["sightbench: The output cannot be written: No space left on device."]


def test_json_is_only_json_whatever_plugins_print(verb: Call, tmp_path: Path) -> None:
    file = tmp_path / "talker.py"
    file.write_text(TALKER)
    status, shown, errors = verb("list", "representations", "--plugin", file, "--format", "json")
    assert status == 0, errors
    assert "talks" in [each["name"] for each in json.loads(shown)["representations"]]
    assert "imported \\x1b[31m" in errors


SHOUTER = """
import ctypes, os, sys
print("printed")
os.write(1, b"written to 1\\n")
os.write(2, b"written to 2\\n")
os.system("echo a child")
sys.__stdout__.write("held back\\n")
ctypes.CDLL(None).printf(b"held back in C\\n")
"""


@pytest.mark.parametrize("words", [["list", "--format", "json"], ["run", "--format", "json"]])
def test_json_is_only_json_whatever_reaches_the_descriptors(
    words: list[str], tmp_path: Path
) -> None:
    (tmp_path / "shouter.py").write_text(SHOUTER + TALKER)
    plan = ["-d", "upcalls[clips=40]", "-r", "waveform", "-c", "majority", "--folds", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "harness", *words, *plan * (words[0] == "run"),
         "--plugin", "shouter.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "SIGHTBENCH_CACHE": str(tmp_path / "cache")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    heard = ("printed", "written to 1", "written to 2", "a child", "held back", "held back in C")
    assert all(f"{words}\n" in done.stderr for words in heard)


def test_a_verb_of_a_plugin_owns_its_stdout(
    install: Callable[..., Path], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    source = """
    import sys
    def command() -> None:
        '''Speak.'''
        print("words", flush=True)
        sys.stdout.buffer.write(b"bytes")
    """
    install(source, name="speaking", group="harness.commands", entry="speak")
    from harness import cli

    with pytest.raises(SystemExit) as end:
        cli.main(["speak"])
    sys.stdout.flush()
    assert end.value.code == 0
    assert capfdbinary.readouterr().out == b"words\nbytes"
