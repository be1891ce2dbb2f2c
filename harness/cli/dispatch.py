"""From a verb to its module: each is imported only when it is used."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from harness.cli.front import PURPOSE, added_verbs, front_page
from harness.cli.terminal import complain, stop_writing, width
from harness.cli.verbs import COMMANDS_GROUP, VERBS
from harness.errors import PluginError, SightbenchError

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
        self.commands = dict.fromkeys(self.list_commands(ctx))  # type: ignore[assignment]
        if cmd_name in VERBS:
            module = importlib.import_module(f"harness.cli.{cmd_name.replace('-', '_')}")
            return as_command(cmd_name, getattr(module, "app", None) or module.command)
        return _added_command(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the front page."""
        typer.echo(front_page(width()), nl=False)


def dispatch(arguments: Sequence[str]) -> int:
    """Run a verb and return the exit status; what goes wrong is told in a sentence.

    ``SIGHTBENCH_TRACEBACK=1`` shows where an error was raised.
    """
    try:
        application()(args=list(arguments), prog_name="sightbench")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except SightbenchError as error:
        if os.environ.get("SIGHTBENCH_TRACEBACK"):
            raise
        complain(str(error))
        return USER_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        stop_writing()
    return 0


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


def as_command(name: str, verb: typer.Typer | Callable[..., Any]) -> Any:
    """Make a command of a Typer app or of a function with annotated options."""
    if not isinstance(verb, typer.Typer):
        app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
        app.command(name, context_settings=_SETTINGS)(verb)
        verb = app
    verb._add_completion = False
    command = typer.main.get_command(verb)
    command.name = name
    return command


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sightbench {metadata.version('sightbench')}")
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
                f"The command {name!r} of {owner} ({entry.value}) cannot be loaded ({error!r}). "
                f"Upgrade it (pip install -U {owner}) or remove it (pip uninstall {owner})."
            ) from error
    return None
