"""``sightbench soundscape``: computed recordings and their Raven tables, written to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from plugins.datasets.soundscape import Soundscape
    from plugins.datasets.synthetic_recordings import SyntheticRecording

BLOCK = 2**16
"""Samples that are computed before they are written: memory stays flat."""

FORMATS = ("flac", "wav")
LARGEST_WAV = 2**30
"""Samples of 16 bits."""


def soundscape(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write to.")],
    recordings: Annotated[int, typer.Option(min=1, help="How many recordings.")] = 6,
    minutes: Annotated[float, typer.Option(min=0.1, help="Length of each.")] = 10.0,
    sites: Annotated[int, typer.Option(min=1, max=26, help="Sites they are spread over.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other sounds.")] = 0,
    format: Annotated[str, typer.Option(help="flac or wav.")] = "flac",
) -> None:
    """Write synthetic recordings with up-calls, and Raven selection tables beside them.

    They are those of the dataset `soundscape`, so that `annotated` can be tried with nothing.
    """
    from harness import SightbenchError
    from plugins.datasets.soundscape import Soundscape

    try:
        made = Soundscape(recordings=recordings, minutes=minutes, sites=sites, seed=seed)
        written = write_soundscape(made, output, format)
    except SightbenchError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
    calls = sum(map(len, made.marked().values()))
    typer.echo(f"{len(written)} recordings and their tables in {output}, with {calls} up-calls")


def write_soundscape(dataset: Soundscape, folder: Path, format: str = "flac") -> list[Path]:
    """Write the recordings of a soundscape in 16 bits, each with its Raven table beside it.

    A file appears whole or not at all; none is written over.

    Raises
    ------
    DatasetError
        There is something of that name, or the folder cannot be written to.
    """
    from harness import DatasetError
    from plugins.datasets.annotations.raven import write_raven

    if format not in FORMATS:
        raise DatasetError(f"soundscape: format {format!r} is none of {', '.join(FORMATS)}.")
    if format == "wav" and any(e.frames > LARGEST_WAV for e in dataset.computed().values()):
        raise DatasetError("soundscape: a WAV file holds no more than 2 GiB here: write flac.")
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, recording in dataset.computed().items():
            sound = folder / Path(name).with_suffix(f".{format}")
            table = sound.with_suffix(".Table.1.selections.txt")
            if taken := [each for each in (sound, table) if each.exists()]:
                raise DatasetError(f"{taken[0]} is there already: give another folder.")
            _write_sound(recording, sound, format)
            table.write_bytes(write_raven(recording.selections).encode("utf-8"))
            written.append(sound)
    except (OSError, RuntimeError) as error:  # libsndfile's errors are RuntimeErrors
        reason = getattr(error, "strerror", None) or error
        raise DatasetError(f"{folder} cannot be written to: {reason}.") from error
    return written


def _write_sound(recording: SyntheticRecording, place: Path, format: str) -> None:
    import numpy as np
    import soundfile

    from plugins.datasets.synthetic_recordings import FULL_SCALE

    unfinished = place.with_name(f".{place.name}.unfinished")
    try:
        with soundfile.SoundFile(
            unfinished, "w", int(recording.rate), 1, subtype="PCM_16", format=format.upper()
        ) as file:
            for first in range(0, recording.frames, BLOCK):
                count = min(BLOCK, recording.frames - first)
                file.write((recording.read(first, count).T * FULL_SCALE).astype(np.int16))
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
