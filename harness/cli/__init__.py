"""The ``sightbench`` command: one short module a verb, imported when the verb is used.

A verb's module has a function ``command``, or a Typer ``app`` where the verb has verbs of its
own. Installed distributions add verbs through the entry-point group ``harness.commands``; each
entry names a Typer app or a function.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

VERBS: Mapping[str, str] = {
    "run": "Compare representations and classifiers on one dataset.",
    "show": "Print the comparison of a finished run.",
    "compare": "Say which differences between two runs are real.",
    "disagree": "List the clips that two cells judge differently.",
    "report": "Write a run as one HTML file.",
    "list": "Show the plugins that can be chosen, with their parameters.",
    "render": "Write pictures of chosen clips, to look at.",
    "split": "Make, show and verify splits.",
    "cache": "See and clear the cache of pictures.",
    "new": "Begin a plugin: write a working file or package.",
    "check": "Check whether a plugin keeps its contract.",
}
"""Each verb and the line that help shows for it."""

COMMANDS_GROUP = "harness.commands"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit status.

    The front page needs nothing but Python's own library, so it comes at once.
    """
    given = [*(sys.argv[1:] if arguments is None else arguments)]  # `list` is a verb's module here
    if given in ([], ["-h"], ["--help"]) and "_SIGHTBENCH_COMPLETE" not in os.environ:
        from harness.cli.front import show_front_page

        sys.exit(show_front_page())
    from harness.cli.dispatch import dispatch

    sys.exit(dispatch(given))
