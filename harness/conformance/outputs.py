"""Stored outputs: where the output changes, the declared version has to."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.conformance import examples
from harness.conformance.checks import check
from harness.conformance.replay import drawn
from harness.conformance.subject import Subject
from harness.conformance.verdicts import not_applicable, require
from harness.contracts import Plot
from harness.errors import ConformanceError
from harness.files.whole import write_whole
from harness.measuring.environment import describe
from harness.values import Raster

_SCHEMA = 1
_CLOSE = 1e-3
"""How much of its range a value may differ on another machine or with other libraries."""
_DRAWING_LIBRARIES = ("matplotlib", "pillow")
_CELLS = 6
"""A picture is summed up in so many rows and columns."""


@check(
    "representation",
    "improvement",
    remedy='Raise the class\'s version ("1" -> "2"), then store again: sightbench check --store.',
)
def version(subject: Subject) -> None:
    """The declared version changes when the output does, against a stored hash."""
    stored = _read(subject.store) if subject.store else {}
    if str(subject) not in stored:
        not_applicable("no stored output to compare with: sightbench check --store writes one")
    kept, now = stored[str(subject)], _output(subject)
    if kept["version"] != now["version"]:
        not_applicable(
            f"the stored output is of version {kept['version']}, this is {now['version']}: "
            "sightbench check --store keeps the new one"
        )
    if kept["hash"] == now["hash"]:
        return
    same_place = kept["made_with"] == now["made_with"]
    if isinstance(subject.plugin, Plot) and not same_place:
        not_applicable("finished pictures were stored with other libraries, which draw otherwise")
    close = _is_close(kept["summary"], now["summary"])
    require(
        close and not same_place,
        f"The output differs from what version {now['version']} made when it was stored"
        f"{'' if same_place else ' with ' + ', '.join(kept['made_with'])}.",
    )


def store_output(subject: Subject) -> None:
    """Keep the hash of what a plugin makes now, under its written form.

    Raises
    ------
    ConformanceError
        There is no place to store it, or the file there is not such a store.
    OSError
        It cannot be written.
    """
    if subject.store is None:
        raise ConformanceError("There is no file to store outputs in; name one.")
    stored = _read(subject.store)
    stored[str(subject)] = _output(subject)
    document = {"schema": _SCHEMA, "outputs": dict(sorted(stored.items()))}
    write_whole(subject.store, json.dumps(document, indent=1) + "\n")


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        outputs: dict[str, Any] = document["outputs"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConformanceError(f"{path} is no file of stored outputs ({error}).") from error
    return outputs


def _output(subject: Subject) -> dict[str, Any]:
    signals = examples.assorted(rate=subject.rate)
    return {
        "version": subject.plugin.version,
        "hash": drawn(subject.plugin),
        "summary": _summary(subject.draw(signals)),
        "made_with": _made_with(),
    }


def _made_with() -> list[str]:
    """Name what a last bit may depend on: the processor, Python, the libraries."""
    about = describe(jobs=1)
    libraries = [f"{name} {number}" for name, number in about.libraries.items()]
    libraries += [f"{name} {metadata.version(name)}" for name in _DRAWING_LIBRARIES]
    return [
        f"Python {about.python}",
        *(about.system, about.machine, about.processor),
        *(each for each in libraries if not each.startswith("sightbench ")),
    ]


def _summary(output: Raster | list[bytes]) -> list[list[float]]:
    """Sum each picture up in a few means, which rounding hardly changes."""
    if not isinstance(output, Raster):
        return [[float(len(each))] for each in output]
    return [[float(f"{mean:.6g}") for mean in _block_means(values)] for values in output.values]


def _block_means(values: NDArray[np.float32]) -> list[float]:
    rows = np.array_split(values.astype(np.float64), min(_CELLS, values.shape[0]))
    return [
        float(block.mean())
        for row in rows
        for block in np.array_split(row, min(_CELLS, values.shape[1]), axis=1)
    ]


def _is_close(kept: list[list[float]], now: list[list[float]]) -> bool:
    if [len(each) for each in kept] != [len(each) for each in now]:
        return False
    for before, after in zip(kept, now, strict=True):
        span = max(np.ptp(before), np.abs(before).max(), np.finfo(np.float32).tiny)
        if np.abs(np.subtract(before, after)).max() > _CLOSE * span:
            return False
    return True


CHECKS = (version,)
