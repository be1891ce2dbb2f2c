"""A network that people bring: what its file says, what is asked for, what is refused."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harness import ParameterError
from plugins.classifiers.transfer.layers import Layer
from plugins.classifiers.transfer.maps import LAYOUTS, Layout, map_layout
from plugins.classifiers.transfer.onnx_file import FLOAT, OnnxFile, Source
from plugins.classifiers.transfer.preparation import (
    LARGEST,
    SMALLEST,
    Found,
    Preparation,
    files_beside,
    missing,
    read_beside,
)
from plugins.classifiers.transfer.widths import check_widths
from plugins.classifiers.transfer.wire import Damaged

MOST_BYTES = 2**31
"""What a message of Protocol Buffers can hold."""
CHANNEL_WORDS = ("channels", "num_channels", "channel")
"""How exports call an open side that is channels."""
SHOWN = 5
"""Names in a message, at most."""
Stamp = tuple[tuple[int, int], ...]
"""Size and time of the last change (ns) of each file."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person said of their network; None or empty where nothing was said."""

    model: str
    layers: tuple[Layer, ...]
    found: Found
    layout: Layout | None
    maps: Layout | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be computed of a picture, and how it is prepared.

    Parameters
    ----------
    maps
        The layout of each layer's map; None where it is not known.
    """

    preparation: Preparation
    layers: tuple[Layer, ...]
    maps: tuple[Layout | None, ...]


def examine(asked: Asked) -> Plan:
    """Find out what a network needs, or say what has to be given.

    Raises
    ------
    ParameterError
        The file is missing, damaged, no network for pictures, or something must be given.
    """
    return _examined(asked, stamp(asked.model))


def stamp(model: str, who: str = "transfer") -> Stamp:
    """Return what changes when the file does, or one of those beside it that are read.

    `who` is the classifier that a message speaks of.

    Raises
    ------
    ParameterError
        There is no such file.
    """
    try:
        found = [file.stat() for file in (Path(model), *files_beside(Path(model)))]
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ParameterError(f"{who}: model={model!r} cannot be read: {why}.") from None
    if not Path(model).is_file():
        raise ParameterError(f"{who}: model={model!r} is no file; name an ONNX file.")
    return tuple((each.st_size, each.st_mtime_ns) for each in found)


def read_model(model: str, who: str = "transfer") -> OnnxFile:
    """Read an ONNX file; `who` is the classifier that a message speaks of.

    Raises
    ------
    ParameterError
        It cannot be read or is none.
    """
    if stamp(model, who)[0][0] > MOST_BYTES:
        raise ParameterError(f"{who}: model={model!r} is larger than an ONNX file can be, 2 GB.")
    try:
        return OnnxFile.read(Path(model).read_bytes())
    except OSError as error:
        raise ParameterError(f"{who}: model={model!r} cannot be read: {error}.") from None
    except Damaged as error:
        raise _unusable(model, error, who) from None


def _unusable(model: str, error: Damaged, who: str = "transfer") -> ParameterError:
    return ParameterError(f"{who}: model={model!r} is no ONNX network that can be used: {error}.")


@lru_cache(maxsize=4)
def _examined(asked: Asked, _stamp: Stamp) -> Plan:
    file = read_model(asked.model)
    layers = asked.layers or only_output(asked.model, file)
    check_names(asked.model, file, [each.name for each in layers])
    source = _picture_input(asked.model, file, [each.name for each in layers])
    layout = _input_layout(asked, source)
    found = asked.found.filled(_sides(asked, source, layout)).filled(read_beside(Path(asked.model)))
    wanting = list(missing(found, layout))
    if wanting:
        raise ParameterError(
            f"transfer: neither {asked.model} nor a JSON file beside it says how pictures are "
            f"prepared for it; give {', '.join(wanting)}."
        )
    assert layout is not None
    try:
        check_widths(file, layout)
    except Damaged as error:
        raise _unusable(asked.model, error) from None
    return Plan(
        _prepared(found, layout),
        layers,
        tuple(asked.maps or map_layout(file, each.name, layout) for each in layers),
    )


def _prepared(found: Found, layout: Layout) -> Preparation:
    size, range, mean, std, order = found.size, found.range, found.mean, found.std, found.order
    assert size is not None
    assert range is not None
    assert mean is not None
    assert std is not None
    assert order is not None
    return Preparation(size, range, mean, std, order, layout)


def only_output(model: str, file: OnnxFile, who: str = "transfer") -> tuple[Layer, ...]:
    """Return the one layer that a network puts out.

    Raises
    ------
    ParameterError
        It puts out several, or none.
    """
    if len(file.outputs) != 1:
        raise ParameterError(
            f"{who}: {model} puts out {_listed(file.outputs) or 'nothing'}; choose with layers=."
        )
    return (Layer(file.outputs[0]),)


def check_names(model: str, file: OnnxFile, names: Sequence[str], who: str = "transfer") -> None:
    """Refuse layers that a network has not, and name the nearest.

    Raises
    ------
    ParameterError
        There is no such layer.
    """
    known = file.layers()
    for name in names:
        if name in known:
            continue
        close = difflib.get_close_matches(name, known, n=SHOWN, cutoff=0.4)
        hint = f"the nearest are {_listed(close)}" if close else f"its last are {_listed(known)}"
        raise ParameterError(f"{who}: {model} has no layer {name!r}; {hint}.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names[-SHOWN:])


def _picture_input(model: str, file: OnnxFile, layers: Sequence[str]) -> Source:
    """Return the one input that the layers need, which must take one RGB picture."""
    sources = file.needed(layers).sources
    if len(sources) != 1:
        names = _listed([source.name for source in sources]) or "none"
        raise ParameterError(
            f"transfer: the layers of {model} need these inputs: {names}; choose layers= that need "
            "a picture and nothing else."
        )
    (source,) = sources
    if source.kind != FLOAT or len(source.shape) != 4:
        raise ParameterError(
            f"transfer: the input {source.name!r} of {model} is no batch of pictures in 32-bit "
            "numbers; export the network with an input of shape (1, 3, height, width), float32."
        )
    if not isinstance(source.shape[0], str) and source.shape[0] != 1:
        raise ParameterError(
            f"transfer: {model} takes {source.shape[0]} pictures at once; export it for one, or "
            "with an open batch size."
        )
    return source


def _input_layout(asked: Asked, source: Source) -> Layout | None:
    """Say where the input has its channels: by their number, 3, or by their name."""
    places: tuple[tuple[Layout, int], ...] = (("nchw", 1), ("nhwc", 3))
    found: list[Layout] = [name for name, place in places if source.shape[place] == 3]
    if not found:
        found = [name for name, place in places if source.shape[place] in CHANNEL_WORDS]
    wanted = asked.layout
    channels = {name: source.shape[place] for name, place in places}
    possible = [name for name in LAYOUTS if isinstance(channels[name], str) or channels[name] == 3]
    if not possible or (wanted and wanted not in possible):
        shape = " x ".join("?" if isinstance(side, str) else str(side) for side in source.shape)
        given = f", not for layout={wanted}" if wanted else ""
        raise ParameterError(
            f"transfer: the input of {asked.model} is made for {shape}{given}; pictures have three "
            "channels."
        )
    if wanted:
        return wanted
    return found[0] if len(found) == 1 else None


def _sides(asked: Asked, source: Source, layout: Layout | None) -> Found:
    """Return the size that the input fixes, which must be the one that was asked for."""
    if layout is None:
        return Found()
    rows, columns = source.shape[2:] if layout == "nchw" else source.shape[1:3]
    if isinstance(rows, str) or isinstance(columns, str):
        return Found()
    if asked.found.size not in (None, (rows, columns)):
        raise ParameterError(
            f"transfer: {asked.model} takes pictures of {rows} x {columns} pixels and no others; "
            "leave out size=."
        )
    if not all(SMALLEST <= side <= LARGEST for side in (rows, columns)):
        raise ParameterError(
            f"transfer: {asked.model} takes pictures of {rows} x {columns} pixels; sides of "
            f"{SMALLEST} to {LARGEST} are possible."
        )
    return Found(size=(rows, columns))
