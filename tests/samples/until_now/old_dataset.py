"""Old dataset: a plugin for sightbench.

Try it:    sightbench run --plugin old_dataset.py -d old-dataset
Check it:  sightbench check old_dataset.py
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from harness import BadClip, Clip, Dataset, Entry, hookimpl, parameter


@dataclass(frozen=True, kw_only=True)
class OldDataset(Dataset):
    """Computed tones, steady or wavering, in noise.

    This first line is what `sightbench list` shows. For recordings, list files in `entries` and
    decode them in `read`; take a parameter `path` and leave out `synthetic`.
    """

    name: ClassVar[str] = "old-dataset"
    version: ClassVar[str] = "1"  # raise it whenever the clips change
    synthetic: ClassVar[bool] = True  # computed, not recorded: every table says so

    clips: int = parameter(200, "how many, half of each class", low=2)
    noise: float = parameter(1.0, "level of the noise, of the tones' amplitude", low=0.0)

    def entries(self) -> Sequence[Entry]:
        """List the clips without decoding any; ids are unique and the same every time."""
        labels = ("steady", "wavering")
        numbers = range(self.clips)
        return [Entry(id=f"tone {number}", label=labels[number % 2]) for number in numbers]

    def read(self, entry: Entry) -> Clip:
        """Decode one clip; a clip that cannot be used raises BadClip with the reason alone."""
        known = {each.id: number for number, each in enumerate(self.entries())}
        if entry.id not in known:
            raise BadClip(f"is none of the {self.clips} clips")
        rng = np.random.default_rng(known[entry.id])
        rate = 2000.0
        times = np.arange(round(2 * rate)) / rate
        depth = 30.0 if entry.label == "wavering" else 0.0
        hertz = rng.uniform(100, 400) + depth * np.sin(2 * np.pi * rng.uniform(2, 4) * times)
        wave = np.sin(2 * np.pi * np.cumsum(hertz) / rate)
        wave += self.noise * rng.standard_normal(len(times))
        samples = (0.1 * wave).astype(np.float32)[None]  # [shape=(channels, n)]
        return Clip(entry.id, samples, rate, entry.label, entry.group)


@hookimpl
def harness_datasets() -> list[type[Dataset]]:
    """Tell sightbench what this module offers."""
    return [OldDataset]
