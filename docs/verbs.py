"""The pages of the verbs, from what their help says."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from harness.cli.dispatch import application
from harness.cli.examples import EXAMPLES
from harness.cli.pages import option_panels, usage
from harness.cli.panels import ORDER
from harness.cli.verbs import COMMANDS_GROUP, VERBS

FOLDER = Path(__file__).parent / "verbs"
MARK = "<!-- From here on written by docs/reference.py: do not edit. -->"
NAV = re.compile(r"(  # verbs, written by docs/reference.py\n).*?(  # end of verbs\n)", re.DOTALL)


def names() -> list[str]:
    """Name all verbs, ours and those that plugins of this distribution add."""
    added = metadata.distribution("sightbench").entry_points.select(group=COMMANDS_GROUP)
    return [*VERBS, *sorted(each.name for each in added)]


def page(verb: str, handwritten: str = "") -> str:
    """Return the page of a verb: what stands before the mark, then what help says."""
    top = handwritten.partition(MARK)[0] or f"# {verb}\n\n"
    group = application()
    context = group.context_class(group, info_name="sightbench")
    command = group.get_command(context, verb)
    return f"{top}{MARK}\n\n" + "\n".join(_told(command, context, verb)).rstrip() + "\n"


def index(handwritten: str = "") -> str:
    """Return the page that names all verbs."""
    top = handwritten.partition(MARK)[0] or "# Verbs\n\n"
    group = application()
    context = group.context_class(group, info_name="sightbench")
    told = {verb: group.get_command(context, verb).get_short_help_str(200) for verb in names()}
    rows = [f"| [{verb}]({verb}.md) | {_safe(line)} |" for verb, line in told.items()]
    return "\n".join([f"{top}{MARK}\n", "| verb | what it does |", "|---|---|", *rows, ""])


def navigation(written: str) -> str:
    """Return mkdocs.yml with the pages of all verbs."""
    lines = ["  - Verbs:", "      - All of them: verbs/index.md"]
    lines += [f"      - {verb}: verbs/{verb}.md" for verb in names()]
    return NAV.sub(lambda found: found[1] + "\n".join(lines) + "\n" + found[2], written)


def _told(command: Any, parent: Any, words: str) -> Iterator[str]:
    name = words.rpartition(" ")[2] if parent.parent else words
    context = command.context_class(
        command, parent=parent, info_name=name, help_option_names=["-h", "--help"]
    )
    for paragraph in (command.help or "").split("\n\n"):
        yield from (_safe(" ".join(paragraph.split())), "")
    yield from ("```text", f"sightbench {words} {usage(command, context)}", "```", "")
    if words in EXAMPLES:
        yield from ("```console", *(f"$ {each}" for each in EXAMPLES[words]), "```", "")
    panels = option_panels(command, context)
    for title in (each for each in ORDER if each in panels and each != "Commands"):
        yield from (f"**{title}**", "", "| | |", "|---|---|")
        for option, meaning in panels[title].items():
            yield f"| `{option.replace('|', chr(92) + '|')}` | {_safe(meaning)} |"
        yield ""
    for verb, each in getattr(command, "commands", {}).items():
        yield from (f"## {words} {verb}", "")
        yield from _told(each, context, f"{words} {verb}")


def _safe(text: str) -> str:
    """Keep Markdown from reading signs of ours as its own; what stands in backticks is code."""
    if text.count("`") % 2:
        return _escaped(text)
    parts = text.split("`")
    return "`".join(part if at % 2 else _escaped(part) for at, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"([|*_\\[\]`])", r"\\\1", html.escape(text, quote=False))
