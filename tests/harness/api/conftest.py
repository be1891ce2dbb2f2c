"""A small dataset of tones and one comparison of it, made once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import harness
from harness.api.results import Results


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory, tones: Path) -> dict[str, Any]:
    """Return where a comparison of tones keeps things, and the plugins that it needs."""
    root = tmp_path_factory.mktemp("api")
    return {
        "results": root / "results",
        "cache": root / "cache",
        "plugins": [tones],
        "folds": 3,
        "jobs": 2,
        "picture_height": 32,
        "picture_width": 32,
        "split": "stratified",
    }


@pytest.fixture(scope="session")
def compared(places: dict[str, Any]) -> Results:
    """Return a comparison of two pictures, with a control and a classifier that fails."""
    return harness.compare(
        "tones[clips=30]",
        ["levels", "waveform"],
        ["nearest-mean", "majority", "nearest-mean[fault=raise]"],
        **places,
    )
