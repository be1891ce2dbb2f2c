"""From a verb to its module: each is imported only when it is used."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from harness.cli.front import PURPOSE, WIDEST, added_verbs, front_page, show_page
from harness.cli.pages import Verb
from harness.cli.terminal import complain, has_colours, own_stdout, width, write
from harness.cli.verbs import COMMANDS_GROUP, VERBS, module_of
from harness.errors import PluginError, SightbenchError, one_line

USER_ERROR, INTERRUPTED = 2, 130
"""Exit statuses; 1 is left to verbs that did their work and have bad news."""

_SETTINGS = {"help_option_names": ["-h", "--help"]}


class Verbs(TyperGroup):
    """The table of verbs, as a group of commands that are loaded one at a time."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all verbs."""
        return [*VERBS, *added_verbs()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the verb of that name, or return None."""
        if cmd_name in VERBS:
            return _own_command(cmd_name)
        self.commands = dict.fromkeys(self.list_commands(ctx))  # type: ignore[assignment]
        return _added_command(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the front page."""
        show_page(front_page(min(width(), WIDEST), has_colours()))


def dispatch(arguments: Sequence[str]) -> int:
    """Run a verb and return the exit status; what goes wrong is told in a sentence.

    ``SIGHTBENCH_TRACEBACK=1`` shows where an error was raised.
    """
    try:
        try:
            if not _show_help(arguments):
                application()(args=list(arguments), prog_name="sightbench")
        finally:
            sys.stdout.flush()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except SightbenchError as error:
        if os.environ.get("SIGHTBENCH_TRACEBACK"):
            raise
        complain(str(error))
        return USER_ERROR
    except OSError as error:
        if os.environ.get("SIGHTBENCH_TRACEBACK"):
            raise
        place = f"{error.filename}: " if error.filename else ""
        complain(f"{place}{error.strerror or error}.")
        return USER_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _own_command(name: str) -> Any:
    """Import a verb of ours."""
    module = importlib.import_module(module_of(name))
    verb = getattr(module, "app", None) or module.command
    return _with_stdout(as_command(name, verb, Verb))


def _show_help(arguments: Sequence[str]) -> bool:
    """Show the help of a verb of ours where nothing else was asked for: nothing is parsed for it.

    Parsing would wait for pydantic, which takes longer than all the rest.
    """
    *words, last = arguments or [""]
    if last not in _SETTINGS["help_option_names"] or not words or words[0] not in VERBS:
        return False
    if "_SIGHTBENCH_COMPLETE" in os.environ:
        return False
    command, context = _own_command(words[0]), None
    for number, word in enumerate(words):
        if number:
            command = getattr(command, "commands", {}).get(word)
        if command is None:
            return False
        name = word if context else f"sightbench {word}"
        context = command.context_class(command, context, name, **_SETTINGS)
    command.format_help(context, None)
    return True


def _with_stdout(command: Any) -> Any:
    """Keep stdout for a verb of ours, and for the verbs that it has; others print beside it."""
    if command.callback is not None:
        command.callback = _alone_on_stdout(command.callback)
    for each in getattr(command, "commands", {}).values():
        _with_stdout(each)
    return command


def _alone_on_stdout(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def alone(*given: Any, **named: Any) -> Any:
        with own_stdout():
            return function(*given, **named)

    return alone


def application() -> Any:
    """Make the command line: the verbs, ``--version``, shell completion."""
    app = typer.Typer(
        cls=Verbs,
        help=PURPOSE,
        context_settings=_SETTINGS,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    app.callback()(_front)
    return typer.main.get_command(app)


def as_command(
    name: str, verb: typer.Typer | Callable[..., Any], page: type[TyperCommand] = TyperCommand
) -> Any:
    """Make a command of a Typer app or of a function with annotated options.

    Parameters
    ----------
    page
        How the help of a function is drawn.
    """
    if not isinstance(verb, typer.Typer):
        app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
        app.command(name, cls=page, context_settings=_SETTINGS)(verb)
        verb = app
    verb._add_completion = False
    command = typer.main.get_command(verb)
    command.name = name
    return command


def _show_version(wanted: bool) -> None:
    if wanted:
        write(f"sightbench {metadata.version('sightbench')}")
        raise typer.Exit


def _front(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before any verb."""


def _added_command(name: str) -> Any:
    """Load a verb of another distribution."""
    for entry in metadata.entry_points(group=COMMANDS_GROUP, name=name):
        try:
            return as_command(name, entry.load())
        except Exception as error:
            owner = entry.dist.name if entry.dist else "an unknown distribution"
            raise PluginError(
                f"The command {name!r} of {owner} ({entry.value}) cannot be loaded "
                f"({one_line(error)}). Upgrade it (pip install -U {owner}) or remove it "
                f"(pip uninstall {owner})."
            ) from error
    return None
