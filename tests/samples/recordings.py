"""The recordings that the pages speak of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile


def write_recordings(folder: Path) -> None:
    """Write what the pages call "recordings": a folder of sounds for each of two classes."""
    rng = np.random.default_rng(0)
    time_s = np.arange(8000) / 8000
    for name, hz in (("chirp", 900), ("hum", 300)):
        (folder / "recordings" / name).mkdir(parents=True)
        for number in range(15):
            tone = 0.3 * np.sin(2 * np.pi * hz * time_s) + rng.normal(0, 0.1, 8000)
            soundfile.write(folder / "recordings" / name / f"{number}.wav", tone, 8000)
