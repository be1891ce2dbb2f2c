"""Where things are kept of which a person did not say where."""

from __future__ import annotations

from pathlib import Path


def cache_folder(chosen: Path | None) -> Path:
    """Return the folder of what can be made again: the user's cache folder, if none was chosen."""
    if chosen is not None:
        return chosen
    from platformdirs import user_cache_path

    return user_cache_path("sightbench")
