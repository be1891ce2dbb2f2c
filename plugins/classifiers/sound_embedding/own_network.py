"""A network for sounds that people bring: what its file says, what is asked, what is refused."""

from __future__ import annotations

import json
import reprlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness import ParameterError
from plugins.classifiers.sound_embedding.windows import Hearing
from plugins.classifiers.transfer.onnx_file import FLOAT, OnnxFile, Source
from plugins.classifiers.transfer.own_network import (
    Stamp,
    check_names,
    only_output,
    read_model,
    stamp,
)
from plugins.classifiers.transfer.preparation import files_beside

WHO = "sound-embedding"
MOST_BYTES = 2**20
"""Of a JSON file."""
LONGEST = 2**24
"""Samples of a window: more than five minutes at 48 kHz."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person said of their network; None or empty where nothing was said."""

    model: str
    layers: tuple[str, ...] = ()
    rate: float | None = None
    seconds: float | None = None
    standardised: bool | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a JSON file beside the network says."""

    rate: float | None = None
    seconds: float | None = None
    standardised: bool | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be computed of a window.

    Parameters
    ----------
    shape
        Of the network's input for one window: (n,), (1, n) or (1, 1, n).
    """

    hearing: Hearing
    layers: tuple[str, ...]
    shape: tuple[int, ...]


def examine(asked: Asked) -> Plan:
    """Find out what a network listens to, or say what has to be given.

    Raises
    ------
    ParameterError
        The file is missing, damaged, no network for sounds, or something must be given.
    """
    return _examined(asked, stamp(asked.model, WHO))


@lru_cache(maxsize=4)
def _examined(asked: Asked, _stamp: Stamp) -> Plan:
    file = read_model(asked.model, WHO)
    layers = asked.layers or tuple(each.name for each in only_output(asked.model, file, WHO))
    check_names(asked.model, file, layers, WHO)
    source = _sound_input(asked.model, file, layers)
    hearing = _hearing(asked, read_beside(Path(asked.model)), source.shape[-1])
    shape = tuple(1 for _ in source.shape[:-1])
    return Plan(hearing, layers, (*shape, hearing.samples))


def _sound_input(model: str, file: OnnxFile, layers: tuple[str, ...]) -> Source:
    """Return the one input that the layers need, which must take one window of one channel."""
    sources = file.needed(layers).sources
    if len(sources) != 1:
        names = ", ".join(repr(source.name) for source in sources) or "none"
        raise ParameterError(
            f"{WHO}: the layers of {model} need these inputs: {names}; choose layers= that need a "
            "sound and nothing else."
        )
    (source,) = sources
    others = source.shape[:-1]
    if source.kind != FLOAT or not 1 <= len(source.shape) <= 3:
        raise ParameterError(
            f"{WHO}: the input {source.name!r} of {model} is no sound in 32-bit numbers; export "
            "the network with an input of shape (1, samples) or (samples), float32."
        )
    if any(not isinstance(side, str) and side != 1 for side in others):
        raise ParameterError(
            f"{WHO}: the input {source.name!r} of {model} takes {' x '.join(map(str, others))} "
            "sounds or channels at once; export it for one, or with an open batch size."
        )
    return source


def _hearing(asked: Asked, said: Said, length: int | str) -> Hearing:
    """Join what is asked for, what stands beside the file, and the length that the file fixes."""
    rate = asked.rate or said.rate
    seconds = asked.seconds or said.seconds
    fixed = None if isinstance(length, str) else length
    wanting = [] if rate else ["rate= (Hz)"]
    wanting += [] if seconds or fixed else ["seconds="]
    if rate is None or wanting:
        raise ParameterError(
            f"{WHO}: neither {asked.model} nor a JSON file beside it says what it listens to; "
            f"give {' and '.join(wanting)}."
        )
    samples = fixed or round((seconds or 0) * rate)
    if seconds and samples != round(seconds * rate):
        raise ParameterError(
            f"{WHO}: {asked.model} takes {samples} samples, which are {samples / rate:g} s at "
            f"{rate:g} Hz, not {seconds:g} s; correct rate= or seconds=, or leave out seconds=."
        )
    if not 2 <= samples <= LONGEST:
        raise ParameterError(
            f"{WHO}: a window of {samples} samples cannot be used; 2 to {LONGEST} can: give other "
            "rate= or seconds=."
        )
    given = asked.standardised if asked.standardised is not None else said.standardised
    return Hearing(rate, samples, bool(given))


def read_beside(model: Path) -> Said:
    """Read what stands beside a network: a ``preprocessor_config.json`` of transformers.

    ``sampling_rate`` (Hz), ``chunk_length_s`` and ``do_normalize`` are looked at; the same names
    may stand in a ``config.json``.

    Raises
    ------
    ParameterError
        A file is no JSON, or says what cannot be.
    """
    rate = seconds = normalised = None
    for file in files_beside(model):
        try:
            if file.stat().st_size > MOST_BYTES:
                raise ValueError("it is larger than 1 MB")
            said = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(said, dict):
                raise ValueError("it is no table of names and values")
            rate = rate or _number(said, "sampling_rate")
            seconds = seconds or _number(said, "chunk_length_s")
            if normalised is None and isinstance(said.get("do_normalize"), bool):
                normalised = said["do_normalize"]
        except (OSError, ValueError, RecursionError) as error:
            raise ParameterError(
                f"{WHO}: {file} cannot be used ({error}); correct it, or move it away and give "
                "rate= and seconds= yourself."
            ) from None
    return Said(rate, seconds, normalised)


def _number(said: dict[str, Any], name: str) -> float | None:
    value = said.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e7:
        raise ValueError(f"{name} is {reprlib.repr(value)}")
    return float(value)
