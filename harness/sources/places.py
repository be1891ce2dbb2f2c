"""Where a plugin came from, in words for tables and errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Origin:
    """The entry point or file that a plugin module came from.

    Parameters
    ----------
    entry
        The name of the entry point, or the stem of the file.
    module
        What the entry point names, or the file's name.
    distribution, version
        The installed distribution; empty for a file.
    file
        The path of a single file; empty for a distribution.
    """

    entry: str
    module: str
    distribution: str = ""
    version: str = ""
    file: str = ""

    def __str__(self) -> str:
        if self.file:
            return f"The plugin file {self.file}"
        return f"The plugin module {self.module} of {self.short} (entry point {self.entry!r})"

    @property
    def short(self) -> str:
        """The distribution with its version, or the file's name: what a table shows."""
        if self.file:
            return Path(self.file).name
        return f"{self.distribution or 'an unknown distribution'} {self.version}".strip()

    @property
    def remedy(self) -> str:
        """What to do about a fault in it."""
        if self.file:
            return "Correct the file, or leave out its --plugin."
        if not self.distribution:
            return "Correct the module."
        if self.distribution == "sightbench":
            return "Install sightbench again: pip install --force-reinstall sightbench"
        name = self.distribution
        return f"Upgrade it (pip install -U {name}) or remove it (pip uninstall {name})."
