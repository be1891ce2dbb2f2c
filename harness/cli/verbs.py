"""The verbs of the command line; nothing here is slow to import."""

from __future__ import annotations

from collections.abc import Mapping

VERBS: Mapping[str, str] = {
    "run": "Compare representations and classifiers on one dataset.",
    "search": "Find a better picture by itself, chosen inside training.",
    "show": "Print the comparison of a finished run.",
    "compare": "Say which differences between two runs are real.",
    "disagree": "List the clips that two cells judge differently.",
    "mistakes": "List the clips that a cell gets wrong, surest first.",
    "report": "Write a run, or several, as one HTML file.",
    "keep": "Train a cell of a run on all clips and write it to one file.",
    "inspect": "Show what a kept detector is; nothing of it is run.",
    "apply": "Put a kept detector to work on recordings.",
    "runs": "List runs; remove one; merge those of another machine.",
    "list": "Show the plugins that can be chosen, with their parameters.",
    "export-pictures": "Write the pictures of a split for other tools.",
    "render": "Write pictures of chosen clips, to look at.",
    "split": "Make, show and verify splits.",
    "cache": "See and clear the cache of pictures, features and readings.",
    "new": "Begin a plugin: write a working file or package.",
    "check": "Check whether a plugin keeps its contract.",
}
"""Each verb and the line that help shows for it."""

COMMANDS_GROUP = "harness.commands"


def module_of(verb: str) -> str:
    """Name the module of a verb of ours."""
    return f"harness.cli.{verb.replace('-', '_')}"
