"""Pictures of a few clips as files, and all of them on one sheet."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.contracts import Dataset
from harness.files.whole import write_whole
from harness.pictures.encoding import decode_jpeg, encode_jpeg, encode_png
from harness.pictures.stacks import AnyDrawing
from harness.planning.ways import Way
from harness.values import Entry, Signals

HEAD_PX, SIDE_PX, GAP_PX = 34, 190, 6
"""Room for the clips' names above, for the representations' names at the left, between pictures."""


def choose(entries: Sequence[Entry], count: int, wanted: Sequence[str]) -> list[Entry]:
    """Choose clips: those wanted by id, else `count` spread evenly over classes and order."""
    if wanted:
        by_id = {entry.id: entry for entry in entries}
        return [by_id[each] for each in wanted if each in by_id]
    classes: dict[str, list[Entry]] = {}
    for entry in entries:
        classes.setdefault(entry.label, []).append(entry)
    chosen = []
    for place, name in enumerate(sorted(classes)):
        share = (count - place + len(classes) - 1) // len(classes)
        rows = np.linspace(0, len(classes[name]) - 1, max(share, 0)).astype(int)
        chosen += [classes[name][row] for row in dict.fromkeys(rows.tolist())]
    return chosen[:count]


def draw_clips(
    dataset: Dataset, entries: Sequence[Entry], drawings: Mapping[Way, AnyDrawing]
) -> dict[Way, list[bytes | NDArray[np.uint8]]]:
    """Draw clips in every way: pixels [shape=(height, width, 3)], or the JPEG of a plot."""
    clips = [dataset.read(entry) for entry in entries]
    signals = [Signals(clip.samples[None], clip.rate) for clip in clips]
    return {chain: [_draw(drawing, one) for one in signals] for chain, drawing in drawings.items()}


def _draw(drawing: AnyDrawing, signals: Signals) -> bytes | NDArray[np.uint8]:
    if drawing.plotted:
        return drawing.jpegs(signals)[0]
    pixels: NDArray[np.uint8] = drawing.pixels(signals)[0]
    return pixels


def write_pictures(
    folder: Path,
    entries: Sequence[Entry],
    drawn: Mapping[Way, Sequence[bytes | NDArray[np.uint8]]],
    kind: str,
) -> list[Path]:
    """Write one file a clip and representation, and ``contact-sheet.png`` with all of them.

    Names are made safe and never clash. Where one cannot be written none stays.

    Returns the files of single pictures.

    Raises
    ------
    OSError
        The folder cannot be written, or the disk is full.
    """
    paths: list[Path] = []
    try:
        for chain, pictures in drawn.items():
            for number, (entry, picture) in enumerate(zip(entries, pictures, strict=True), 1):
                finished = isinstance(picture, bytes)
                suffix = "jpg" if finished or kind == "jpeg" else "png"
                words = f"{number:03d}_{safe_name(entry.id)}_{safe_name(str(chain))}.{suffix}"
                data = picture if isinstance(picture, bytes) else _encode(picture, kind)
                write_whole(folder / words, data, durable=False)
                paths.append(folder / words)
        write_whole(folder / "contact-sheet.png", draw_sheet(entries, drawn), durable=False)
    except OSError:
        for path in paths:
            path.unlink(missing_ok=True)
        raise
    return paths


def draw_sheet(
    entries: Sequence[Entry], drawn: Mapping[Way, Sequence[bytes | NDArray[np.uint8]]]
) -> bytes:
    """Draw all pictures on one PNG: a row a representation, a column a clip."""
    from PIL import Image, ImageDraw, ImageFont

    rows = {chain: [_pixels(picture) for picture in row] for chain, row in drawn.items()}
    width = max(picture.shape[1] for row in rows.values() for picture in row) + GAP_PX
    heights = [max(picture.shape[0] for picture in row) + GAP_PX for row in rows.values()]
    size = (SIDE_PX + width * len(entries), HEAD_PX + sum(heights))
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for column, entry in enumerate(entries):
        words = f"{entry.label}\n{entry.id[-max(8, width // 8) :]}"
        pen.multiline_text((SIDE_PX + column * width, 2), plain(words), "black", font, spacing=2)
    top = HEAD_PX
    for (chain, row), height in zip(rows.items(), heights, strict=True):
        pen.multiline_text((4, top), plain(_folded(str(chain))), "black", font)
        for column, picture in enumerate(row):
            sheet.paste(Image.fromarray(picture), (SIDE_PX + column * width, top))
        top += height
    data = io.BytesIO()
    sheet.save(data, "png")
    return data.getvalue()


def _folded(written: str) -> str:
    """Break a written way into lines, before improvements and after parts of a stack."""
    return written.replace("+", "\n+").replace(", ", ",\n")


def _pixels(picture: bytes | NDArray[np.uint8]) -> NDArray[np.uint8]:
    return decode_jpeg(picture) if isinstance(picture, bytes) else picture


def _encode(pixels: NDArray[np.uint8], kind: str) -> bytes:
    return encode_jpeg(pixels) if kind == "jpeg" else encode_png(pixels)


def safe_name(name: str) -> str:
    """Make a file name of any text; a hash keeps different texts apart."""
    readable = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in name)
    if readable == name and len(name) <= 60:
        return name
    return f"{readable[:60]}-{hashlib.blake2b(name.encode(), digest_size=3).hexdigest()}"


def plain(text: str) -> str:
    """Leave out what the font cannot draw."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text.replace("×", "x"))
