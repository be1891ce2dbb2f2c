"""The help page of a verb, drawn like the front page: in panels, every text whole, at once."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any

from typer.core import TyperCommand, TyperGroup

from harness.cli.examples import EXAMPLES
from harness.cli.front import WIDEST, panel, show_page
from harness.cli.panels import ORDER
from harness.cli.terminal import has_colours, width


class Verb(TyperCommand):
    """A verb, or a verb of a verb, with a page of ours."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the page."""
        show_page(help_page(self, ctx, min(width(), WIDEST), has_colours()))


class VerbGroup(TyperGroup):
    """A verb that has verbs of its own, with a page of ours."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the page."""
        show_page(help_page(self, ctx, min(width(), WIDEST), has_colours()))


def help_page(command: Any, ctx: Any, columns: int, colours: bool = False) -> str:
    """Return the page of a verb: usage, what it does, examples, its options by panels."""
    lines = ["", *_filled(f"Usage: {ctx.command_path} {usage(command, ctx)}", columns), ""]
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        lines += [*_filled(" ".join(paragraph.split()), columns), ""]
    verb = ctx.command_path.partition(" ")[2]
    if verb in EXAMPLES:
        lines += [" Examples:", *(f"   {each}" for each in EXAMPLES[verb]), ""]
    panels = option_panels(command, ctx)
    drawn = [panel(title, panels[title], columns, colours) for title in ORDER if title in panels]
    return "\n".join([*lines, *drawn, ""])


def usage(command: Any, ctx: Any) -> str:
    """Write what may stand behind a verb, each argument in one pair of brackets."""
    words = " ".join(command.collect_usage_pieces(ctx))
    return re.sub(r"\[(\[[^][]*\])\]", r"\1", words)


def _filled(text: str, columns: int) -> list[str]:
    return textwrap.wrap(
        text, columns - 1, initial_indent=" ", subsequent_indent=" ", break_on_hyphens=False
    )


def option_panels(command: Any, ctx: Any) -> dict[str, dict[str, str]]:
    """Return what help says of each argument, option and verb of a command, by panel."""
    panels: dict[str, dict[str, str]] = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is None:
            continue
        usual = "Arguments" if parameter.param_type_name == "argument" else "Options"
        title = getattr(parameter, "rich_help_panel", None) or usual
        panels.setdefault(title, {})[_name(parameter)] = _told(parameter, record[1], ctx)
    if isinstance(command, TyperGroup):
        verbs = ((name, command.get_command(ctx, name)) for name in command.list_commands(ctx))
        panels["Commands"] = {name: each.get_short_help_str(200) for name, each in verbs if each}
    return panels


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    names = sorted(parameter.opts, key=len)
    metavar = "" if parameter.is_flag or not parameter.metavar else f" {parameter.metavar}"
    return ", ".join(names) + metavar


def _told(parameter: Any, told: str, ctx: Any) -> str:
    """Return what help says of a parameter, and the words that it can be."""
    words = str(parameter.display_type(ctx) or "")
    return f"{told}  [{words.strip('<>')}]" if "|" in words else told
