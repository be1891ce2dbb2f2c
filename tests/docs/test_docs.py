"""What the documentation says is so: signatures, commands, files."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.cli.dispatch import application
from harness.cli.verbs import VERBS
from harness.registry.admission import hook_signatures
from tests.samples.recordings import write_recordings

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
RUN = (
    DOCS / "annotated.md",
    DOCS / "classifier.md",
    DOCS / "from-85-to-92.md",
    DOCS / "manifest.md",
    DOCS / "detector.md",
    DOCS / "tutorial.md",
    DOCS / "plugins.md",
    DOCS / "using.md",
    DOCS / "transfer.md",
    DOCS / "search.md",
    PROJECT / "README.md",
)
"""Pages whose commands are run, in order, in one empty folder a page."""
REAL = "SIGHTBENCH_REAL_DATA"


def pages() -> list[Path]:
    return [PROJECT / "README.md", *sorted(DOCS.rglob("*.md"))]


def console_lines(text: str) -> Iterator[str]:
    """Give the commands of console blocks; a backslash joins lines."""
    for block in re.findall(r"^```console\n(.*?)^```", text, flags=re.M | re.S):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                yield line[2:]


def sightbench_words(line: str) -> list[str] | None:
    """Return the arguments of a sightbench command, or None for another command."""
    words = shlex.split(line, comments=True)
    while words and re.fullmatch(r"\w+=.*", words[0]):
        words.pop(0)
    return words[1:] if words and words[0].endswith("sightbench") else None


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_what_the_code_says(reference: ModuleType) -> None:
    files = reference.files()
    assert {f"{verb}.md" for verb in VERBS} < {path.name for path in files}
    other = [
        path.name
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert other == [], "run: python docs/reference.py"


def test_every_page_stands_in_the_navigation_once() -> None:
    told = re.findall(r"(\S+\.md)$", (PROJECT / "mkdocs.yml").read_text("utf-8"), flags=re.M)
    there = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(told) == sorted(there), "write the page into the navigation of mkdocs.yml"


def test_the_first_page_leads_to_every_other(reference: ModuleType) -> None:
    first = (DOCS / "index.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\((\S+?\.md)\)", first))
    there = {path.name for path in DOCS.glob("*.md")} - {"index.md"}
    assert there | {"verbs/index.md"} == linked


@pytest.mark.parametrize("hook", hook_signatures())
def test_every_hooks_exact_signature_stands_in_the_docs(hook: str, reference: ModuleType) -> None:
    signature = reference.written(hook, hook_signatures()[hook])
    assert f"```python\n{signature}\n```" in (DOCS / "plugins.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("hook", hook_signatures())
def test_every_hook_has_a_test(hook: str) -> None:
    tests = (PROJECT / "tests").rglob("test_*.py")
    assert any(f"def {hook}(" in path.read_text(encoding="utf-8") for path in tests)


def shown_commands() -> list[Any]:
    return [
        pytest.param(words, id=f"{page.name}-{number}")
        for page in pages()
        for number, line in enumerate(console_lines(page.read_text(encoding="utf-8")))
        if (words := sightbench_words(line)) is not None
    ]


@pytest.mark.parametrize("words", shown_commands())
def test_every_command_shown_has_its_verb_and_options(words: list[str]) -> None:
    if not words or words[0].startswith("-"):
        return
    command = application()
    assert words[0] in command.list_commands(None)
    context = command.make_context("sightbench", words, resilient_parsing=True)
    known: set[str] = set()
    for word in words:
        if not hasattr(command, "commands"):
            break
        command = command.get_command(context, word)
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    used = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    assert used - {"--help", "-h"} <= known


def write_files(page: Path, folder: Path, plugins: bool) -> None:
    """Write the files that a page shows: those of plugins, which `new` begins, or the others."""
    text = page.read_text(encoding="utf-8")
    for name, source in re.findall(
        r"<!-- file: (\S+) -->\s*```\w+\n(.*?)^```", text, flags=re.M | re.S
    ):
        if name.endswith(".py") == plugins:
            (folder / name).write_text(source, encoding="utf-8")


def run_commands(page: Path, folder: Path, real: bool) -> int:
    """Run the commands of a page; return how many were left out for want of recordings."""
    left_out = 0
    write_files(page, folder, plugins=False)
    surroundings = {**os.environ, "COLUMNS": "80", "SIGHTBENCH_CACHE": str(folder / "cache")}
    for line in console_lines(page.read_text(encoding="utf-8")):
        words = sightbench_words(os.path.expandvars(line))
        assert words is not None, line
        if REAL in line and not real:
            left_out += 1
            continue
        if words == ["nyckel-server"]:
            continue  # it serves until it is stopped; its own tests start and stop it
        done = subprocess.run(
            [sys.executable, "-m", "harness", *words],
            cwd=folder, env=surroundings, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        if words[0] == "new":
            write_files(page, folder, plugins=True)
    return left_out


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_every_command_shown_runs(page: Path, tmp_path: Path) -> None:
    write_recordings(tmp_path)
    run_commands(page, tmp_path, real=False)


@pytest.mark.timeout(900)
def test_every_command_on_recordings_runs(tmp_path: Path) -> None:
    if not os.environ.get(REAL):
        pytest.skip(f"{REAL} does not say where the recordings are")
    assert run_commands(DOCS / "tutorial.md", tmp_path, real=True) == 0


CHEAPEST = ("-r", "waveform", "-c", "majority", "--folds", "0", "--splits", "1")


def cheapest(words: list[str]) -> list[str]:
    """Leave out which cells a command asks for."""
    asked = [at for at, word in enumerate(words) if word in ("-r", "-c") and words[0] == "run"]
    left_out = {*asked, *(at + 1 for at in asked)}
    return [word for at, word in enumerate(words) if at not in left_out]


@pytest.mark.timeout(900)
def test_every_command_behind_the_results_runs(tmp_path: Path) -> None:
    """Each is cut down to its cheapest cell: the data, the plan and the flags are the real ones.

    A search, which chooses its cells itself, says what it would do.
    """
    if not os.environ.get(REAL):
        pytest.skip(f"{REAL} does not say where the recordings are")
    shutil.copytree(PROJECT / "benchmarks", tmp_path / "benchmarks")
    places = ("--results", str(tmp_path / "results"))
    cache = ("--cache", str(tmp_path / "cache"))
    for line in console_lines((DOCS / "results.md").read_text(encoding="utf-8")):
        words = sightbench_words(os.path.expandvars(line))
        assert words is not None, line
        cells = {"show": (), "search": ("--dry-run", *cache)}.get(words[0], (*CHEAPEST, *cache))
        done = subprocess.run(
            [sys.executable, "-m", "harness", *cheapest(words), *places, *cells],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def test_pictures_are_small_safe_and_ours() -> None:
    pictures = sorted((DOCS / "pictures").iterdir())
    text = "".join(page.read_text(encoding="utf-8") for page in pages())
    shown = set(re.findall(r"pictures/([\w.]+)", text))
    assert {each.name for each in pictures} <= shown
    for each in pictures:
        data = each.read_bytes()
        assert len(data) < 100_000
        if each.suffix == ".svg":
            assert data.count(b"http") == 1, "the name space, and nothing to load"
            assert not re.search(rb"url\(|@import|<script|href", data)


def test_the_docs_are_built_without_warnings(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="building the docs needs mkdocs: tox -e docs")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "tutorial" / "index.html").exists()
