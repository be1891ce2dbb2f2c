"""The front page of help, drawn like the other pages but without waiting for any library."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

from harness.cli.terminal import has_colours, stdout, width
from harness.cli.verbs import COMMANDS_GROUP, VERBS
from harness.sources.finding import source_file
from harness.strangers.text import printable

PURPOSE = "Which picture of your signal, and which classifier, works best, and what does it cost?"

OPTIONS: Mapping[str, str] = {
    "--version": "Show the version.",
    "--install-completion": "Install completion for the current shell.",
    "--show-completion": "Show that completion, to copy it or customise it.",
    "-h, --help": "Show this page. Every command has its own: sightbench run --help",
}

WIDEST = 100
_BOX = "╭─╮│╰╯"
_BOLD, _CYAN, _DIM, _OFF = "\033[1m", "\033[1;36m", "\033[2m", "\033[0m"


def show_front_page() -> int:
    """Print the front page and return the exit status."""
    show_page(front_page(min(width(), WIDEST), colours=has_colours()))
    return 0


def show_page(page: str) -> None:
    """Print a page of help, which may hold colours of ours."""
    stream = stdout()
    stream.write(page)
    stream.flush()


def front_page(columns: int = 80, colours: bool = False) -> str:
    """Return the page: usage, options, the verbs, and those that other distributions add."""
    bold, off = (_BOLD, _OFF) if colours else ("", "")
    panels = {"Options": OPTIONS, "Commands": VERBS, "Commands of plugins": added_verbs()}
    start = f"\n {bold}Usage: sightbench COMMAND [OPTIONS]{off}\n\n"
    start += textwrap.fill(PURPOSE, columns - 1, initial_indent=" ", subsequent_indent=" ")
    drawn = [panel(title, rows, columns, colours) for title, rows in panels.items() if rows]
    return "\n".join([start, "", *drawn, ""])


def added_verbs() -> dict[str, str]:
    """Name the verbs of installed distributions, each with a line on what it does.

    Nothing is imported for it: the line is the docstring in the source, else what the
    distribution says of itself.
    """
    from importlib import metadata

    return {
        entry.name: printable(
            _docstring(entry.module, entry.attr)
            or (entry.dist.metadata["Summary"] if entry.dist else "")
            or entry.value
        )
        for entry in sorted(metadata.entry_points(group=COMMANDS_GROUP))
        if entry.name not in VERBS
    }


def _docstring(module: str, verb: str) -> str:
    """Read off the source what a function or ``Typer(help=...)`` says of itself, or its module."""
    import ast

    origin = source_file(module)
    if origin is None:
        return ""
    try:
        with open(origin, encoding="utf-8") as file:  # noqa: PTH123
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return ""
    text = ast.get_docstring(tree)
    for each in tree.body:
        if isinstance(each, ast.FunctionDef) and each.name == verb:
            text = ast.get_docstring(each)
        elif isinstance(each, ast.Assign) and isinstance(each.value, ast.Call):
            names = [getattr(target, "id", None) for target in each.targets]
            told = [given.value for given in each.value.keywords if given.arg == "help"]
            if verb in names and told and isinstance(told[0], ast.Constant):
                text = str(told[0].value)
    return (text or "").partition("\n")[0].replace("`", "")


def panel(title: str, rows: Mapping[str, str], columns: int, colours: bool) -> str:
    """Draw names and what they mean, boxed; a text is never cut."""
    left, line, right, side, low_left, low_right = tuple(_BOX)
    cyan, dim, off = (_CYAN, _DIM, _OFF) if colours else ("", "", "")
    inner = columns - 4
    names = max(len(name) for name in rows) + 2
    edge = f"{dim}{side}{off}"
    top = f"{dim}{left}{line} {title} {line * (columns - len(title) - 5)}{right}{off}"
    body = [
        f"{edge} {cyan}{name:<{names}}{off}{text:<{inner - names}} {edge}"
        for name, text in _wrapped(rows, inner - names)
    ]
    return "\n".join([top, *body, f"{dim}{low_left}{line * (columns - 2)}{low_right}{off}"])


def _wrapped(rows: Mapping[str, str], columns: int) -> Iterable[tuple[str, str]]:
    for name, text in rows.items():
        first, *rest = textwrap.wrap(text, max(columns, 10), break_on_hyphens=False) or [""]
        yield name, first
        yield from (("", line) for line in rest)
