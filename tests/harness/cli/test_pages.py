from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from harness.cli.dispatch import _own_command, application
from harness.cli.examples import EXAMPLES
from harness.cli.pages import help_page
from harness.cli.panels import ORDER
from harness.cli.verbs import VERBS

Call = Callable[..., tuple[int, str, str]]

HEAVY = {
    "numpy", "scipy", "librosa", "sklearn", "skimage", "matplotlib", "cv2", "pandas", "pluggy",
    "pydantic", "rich", "PIL", "pebble", "soundfile",
}  # fmt: skip


def verbs() -> list[str]:
    found = []
    for name in VERBS:
        found.append(name)
        found += [f"{name} {each}" for each in getattr(_own_command(name), "commands", {})]
    return found


def command_of(words: str) -> tuple[Any, Any]:
    context: Any = None
    command: Any = None
    for word in words.split():
        command = command.commands[word] if command else _own_command(word)
        name = word if context else f"sightbench {word}"
        context = command.context_class(command, context, name)
    return command, context


@pytest.mark.parametrize("words", verbs())
def test_help_waits_for_nothing_heavy(words: str) -> None:
    code = (
        "import sys\nfrom harness.cli import main\n"
        f"try: main({words.split()!r} + ['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    page, _, loaded = done.stdout.partition("LOADED")
    assert f"Usage: sightbench {words}" in page
    assert not HEAVY & set(loaded.split())
    rooms = {name.split(".")[1] for name in loaded.split() if name.startswith("harness.")}
    assert rooms == {"cli", "errors", "sources", "strangers"}


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("words", verbs())
def test_every_text_of_help_is_whole(words: str, columns: int) -> None:
    command, context = command_of(words)
    page = help_page(command, context, columns)
    assert "…" not in page
    boxed = [line for line in page.splitlines() if line[:1] in "╭│╰" and line]
    assert {len(line) for line in boxed} == {columns}
    texts = " ".join(page.replace("│", " ").split())
    for parameter in command.params:
        help_ = " ".join(str(parameter.help).split())
        inside = [word for word in help_.split() if len(word) < columns // 2]
        assert all(word in texts for word in inside)
        if len(inside) == len(help_.split()) and parameter.param_type_name == "option":
            assert f"--{parameter.opts[-1].lstrip('-')}" in texts


def test_options_stand_in_panels() -> None:
    command, context = command_of("run")
    page = help_page(command, context, 80)
    titles = [title for title in ORDER if f"╭─ {title} ─" in page]
    assert titles == [title for title in ORDER if title != "Commands"]
    assert (
        page.index("What is compared")
        < page.index("--representation")
        < page.index("How it runs")
        < page.index("--jobs")
        < page.index("Where things are")
        < page.index("--results")
    )


def test_every_verb_has_examples_that_its_options_fit() -> None:
    assert set(EXAMPLES) == set(verbs())
    group = application()
    for lines in EXAMPLES.values():
        for line in lines:
            assert len(line) <= 77, "a line of an 80-column terminal"
            words = shlex.split(line.partition(" > ")[0])[1:]
            with group.make_context("sightbench", words, resilient_parsing=True) as context:
                _, command, rest = group.resolve_command(context, words)
                while getattr(command, "commands", None) and rest and rest[0] in command.commands:
                    command, rest = command.commands[rest[0]], rest[1:]
                command.make_context("verb", list(rest))


def test_a_page_in_an_ascii_terminal_is_plain(verb: Call) -> None:
    status, shown, errors = verb("run", "--help", encoding="ascii")
    assert (status, errors) == (0, "")
    assert "+- What is compared -" in shown


def test_help_with_other_words_is_still_help(verb: Call) -> None:
    assert verb("show", "whales", "--help")[1].strip() == verb("show", "-h")[1].strip()
