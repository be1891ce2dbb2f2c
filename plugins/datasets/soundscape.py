"""Computed recordings with their selection table: what `annotated` can be tried on with nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from harness import BadClip, Dataset, hookimpl, parameter
from plugins.datasets.choosing import counting, wanted_classes
from plugins.datasets.ocean import RATE_HZ
from plugins.datasets.surveys import Survey, Surveyed
from plugins.datasets.synthetic_recordings import UPCALL, Sea, SyntheticRecording
from plugins.datasets.windowed import Windowed

_FIRST_DAY = datetime(2030, 4, 1)
_APART = timedelta(hours=30)
"""From one recording of a site to the next."""


@dataclass(frozen=True, kw_only=True)
class Soundscape(Windowed):
    """Synthetic recordings: rare up-calls among ships, knocks and song; embedded.

    Recordings have names like ``siteA_20300401_000000.flac``; sites are the groups. Calls last
    about 0.85 s and come at their true prevalence. ``sightbench soundscape`` writes the same
    recordings with Raven tables, for ``annotated`` to read.
    """

    name: ClassVar[str] = "soundscape"
    synthetic: ClassVar[bool] = True

    group: str = parameter("{site}_{*}", "pattern of names; empty: a recording is its own group")
    recordings: int = parameter(6, "how many recordings", low=1, high=10_000)
    minutes: float = parameter(10.0, "length of each", unit="min", low=0.1, high=100_000.0)
    sites: int = parameter(3, "how many sites they are spread over", low=1, high=26)
    calls_per_hour: float = parameter(75.0, "how common up-calls are", low=0.0, high=900.0)
    snr_db: float = parameter(
        3.0, "mean level of the calls over the noise from 50 to 300 Hz", unit="dB"
    )
    snr_spread_db: float = parameter(
        5.0, "standard deviation of that level from call to call", unit="dB", low=0.0, high=20.0
    )
    clutter: float = parameter(
        0.5, "how common ships, knocks, grunts and song are; 0 for plain noise", low=0.0, high=1.0
    )

    def survey(self) -> Survey:
        """List the recordings with their up-calls."""
        wanted = wanted_classes(self, {UPCALL})
        made = []
        for name, each in self._made.items():
            selections = each.selections.take(counting(self, each.selections, wanted))
            made.append(Surveyed(name, RATE_HZ, each.frames, selections))
        return Survey(tuple(made))

    def computed(self) -> dict[str, SyntheticRecording]:
        """Return the recordings by name; any stretch of them can be read."""
        return self._made

    def _recording(self, name: str) -> SyntheticRecording:
        if name not in self._made:
            raise BadClip(f"is of none of the {self.recordings} recordings of this soundscape")
        return self._made[name]

    def _files_of(self, name: str) -> tuple[str, ...]:
        return ()

    @cached_property
    def _made(self) -> dict[str, SyntheticRecording]:
        sea = Sea(self.seed, self.calls_per_hour, self.snr_db, self.snr_spread_db, self.clutter)
        frames = round(self.minutes * 60 * RATE_HZ)
        return {
            self._named(number): SyntheticRecording(sea, number, frames)
            for number in range(self.recordings)
        }

    def _named(self, number: int) -> str:
        """Name a recording by site and date; each site has as many, but for the last."""
        of_each = -(-self.recordings // self.sites)
        site, day = divmod(number, of_each)
        began = _FIRST_DAY + day * _APART
        return f"site{chr(ord('A') + site)}_{began:%Y%m%d_%H%M%S}.flac"


@hookimpl
def harness_datasets() -> Iterable[type[Dataset]]:
    return [Soundscape]
