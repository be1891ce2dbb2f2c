"""How a picture is prepared for a network: found beside its file, or asked for; never guessed."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import ParameterError
from plugins.classifiers.transfer.maps import Layout

NAMES = ("preprocessor_config.json", "config.json")
"""Of transformers, and of timm."""
MOST_BYTES = 2**20
SMALLEST, LARGEST = 8, 1024
"""Sides of a picture (pixels)."""
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a network's input; None where nobody says.

    Parameters
    ----------
    size
        Rows and columns (pixels).
    range
        What a pixel of full brightness is before mean and deviation: 1, or 255.
    mean, std
        One a channel, in units of `range`.
    order
        "rgb" or "bgr".
    """

    size: tuple[int, int] | None = None
    range: float | None = None
    mean: Triple | None = None
    std: Triple | None = None
    order: str | None = None

    def filled(self, other: Found) -> Found:
        """Take from another what this one does not know."""
        values = {}
        for each in fields(self):
            own = getattr(self, each.name)
            values[each.name] = getattr(other, each.name) if own is None else own
        return Found(**values)


@dataclass(frozen=True)
class Preparation:
    """A picture's way into a network.

    Parameters
    ----------
    layout
        Of the network's input.
    """

    size: tuple[int, int]
    range: float
    mean: Triple
    std: Triple
    order: str
    layout: Layout

    @cached_property
    def centre(self) -> NDArray[np.float32]:
        """What is subtracted from each channel, in pixel values [shape=(3, 1, 1)]."""
        return _column(np.array(self.mean) * (255 / self.range))

    @cached_property
    def scale(self) -> NDArray[np.float32]:
        """What each channel is then multiplied by [shape=(3, 1, 1)]."""
        return _column(self.range / 255 / np.array(self.std))

    def blob(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn a picture [shape=(rows, columns, 3)] into the network's input, a batch of one.

        Each new pixel is the mean of the area that it covers; where the picture is smaller than
        the input it is interpolated linearly.
        """
        import cv2

        rows, columns = self.size
        small: NDArray[Any] = picture.astype(np.float32)
        if picture.shape[:2] != self.size:
            shrinks = picture.shape[0] >= rows and picture.shape[1] >= columns
            way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
            small = cv2.resize(small, (columns, rows), interpolation=way)
        if self.order == "bgr":
            small = small[:, :, ::-1]
        planes = np.ascontiguousarray(small.transpose(2, 0, 1))
        planes -= self.centre
        planes *= self.scale
        if self.layout == "nhwc":
            planes = np.ascontiguousarray(planes.transpose(1, 2, 0))
        return planes[None]


def _column(values: NDArray[Any]) -> NDArray[np.float32]:
    return values.astype(np.float32)[:, None, None]


def files_beside(model: Path) -> tuple[Path, ...]:
    """Return the files that may say how pictures are prepared, best first.

    They lie beside the network; one folder up where it is in a folder called "onnx", as exports
    are published.
    """
    folders = [model.parent] + ([model.parent.parent] if model.parent.name == "onnx" else [])
    found = [folder / name for name in NAMES for folder in folders]
    return tuple(file for file in found if file.is_file())


def read_beside(model: Path) -> Found:
    """Gather what the files beside a network say.

    Raises
    ------
    ParameterError
        One of them is no JSON, or says what cannot be.
    """
    found = Found()
    for file in files_beside(model):
        try:
            if file.stat().st_size > MOST_BYTES:
                raise ValueError("it is larger than 1 MB")
            said = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(said, dict):
                raise ValueError("it is no table of names and values")
            read = _timm if file.stem == "config" else _transformers
            found = found.filled(read(said))
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise ParameterError(
                f"transfer: {file} cannot be used ({error}); correct it, or move it away and "
                "give size=, range=, mean=, std= and order= yourself."
            ) from None
    return found


def _transformers(said: dict[str, Any]) -> Found:
    """Read a ``preprocessor_config.json`` of transformers."""
    cropped = said.get("do_center_crop", "crop_size" in said)
    normalised = said.get("do_normalize", "image_mean" in said)
    mean, std = said.get("image_mean"), said.get("image_std")
    return Found(
        size=_size(said.get("crop_size" if cropped else "size")),
        range=_range(said),
        mean=_triple(mean, "image_mean") if normalised else (0.0, 0.0, 0.0),
        std=_triple(std, "image_std") if normalised else (1.0, 1.0, 1.0),
        order="bgr" if said.get("do_flip_channel_order") else "rgb",
    )


def _range(said: dict[str, Any]) -> float | None:
    if said.get("do_rescale") is False:
        return 255.0
    factor = said.get("rescale_factor")
    # A further offset is used by few networks; whoever has one gives the range.
    if factor is None or said.get("rescale_offset"):
        return None
    return _number(255 * float(factor), "rescale_factor")


def _timm(said: dict[str, Any]) -> Found:
    """Read a ``config.json`` of timm, whose pixels are from 0 to 1 and in RGB by definition."""
    inner = said.get("pretrained_cfg", said)
    if not isinstance(inner, dict) or "input_size" not in inner or "mean" not in inner:
        return Found()
    sides = inner["input_size"]
    if not isinstance(sides, list) or len(sides) != 3:
        raise ValueError(f"input_size is {reprlib.repr(sides)}")
    mean, std = _triple(inner["mean"], "mean"), _triple(inner.get("std"), "std")
    return Found(_size({"height": sides[1], "width": sides[2]}), 1.0, mean, std, "rgb")


def _size(said: Any) -> tuple[int, int] | None:
    if isinstance(said, dict):
        edge = said.get("shortest_edge")
        sides = [said.get("height", edge), said.get("width", edge)]
    else:
        sides = [said, said]
    if sides == [None, None]:
        return None
    rows, columns = (side if type(side) is int else 0 for side in sides)
    if min(rows, columns) < SMALLEST or max(rows, columns) > LARGEST:
        raise ValueError(f"a size is {reprlib.repr(said)}")
    return rows, columns


def _triple(said: Any, name: str) -> Triple | None:
    if said is None:
        return None
    if not isinstance(said, list) or len(said) != 3:
        raise ValueError(f"{name} is {reprlib.repr(said)}, not three numbers")
    red, green, blue = (_number(each, name, low=-np.inf) for each in said)
    if "std" in name and min(red, green, blue) <= 0:
        raise ValueError(f"{name} is {reprlib.repr(said)}, not above zero")
    return red, green, blue


def _number(said: Any, name: str, low: float = 0.0) -> float:
    value = float(said)
    if not np.isfinite(value) or not value > low:
        raise ValueError(f"{name} is {reprlib.repr(said)}")
    return value


def parse_triple(written: str, name: str) -> Triple:
    """Read three numbers with spaces, or one for all channels.

    Raises
    ------
    ParameterError
        These are not so many numbers, or a deviation is not above zero.
    """
    words = written.replace(",", " ").split()
    try:
        found = _triple([float(word) for word in words] * (3 if len(words) == 1 else 1), name)
    except ValueError:
        found = None
    if found is None:
        kind = "numbers above zero" if name == "std" else "numbers"
        raise ParameterError(
            f"transfer: {name}={written!r} is not three {kind}, red, green and blue; write "
            f"{name}='0.5 0.5 0.5'."
        )
    return found


def missing(found: Found, layout: Layout | None) -> Iterator[str]:
    """Name the parameters that nobody has given yet."""
    asked = {
        "size": "size= (pixels)",
        "range": "range= (1 or 255, what full brightness is before mean and std)",
        "mean": "mean=",
        "std": "std=",
        "order": "order= (rgb or bgr)",
    }
    yield from (words for name, words in asked.items() if getattr(found, name) is None)
    if layout is None:
        yield "layout= (nchw or nhwc)"
