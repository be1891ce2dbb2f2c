"""The pictures that a cell judged wrong, with their axes, as PNG files and on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from harness.analysis.mistakes import Mistake, Mistakes
from harness.analysis.redrawing import Pixels, Redrawing
from harness.errors import StoreError
from harness.pictures.encoding import encode_png
from harness.reporting.sheets.axes import draw_framed
from harness.reporting.sheets.clips import plain, safe_name
from harness.reporting.wording import mistakes as words

GAP_PX, CAPTION_PX, SHEET_COLUMNS = 10, 34, 4


def write_pictures(folder: Path, found: Mistakes, count: int, source: Redrawing) -> list[Path]:
    """Write the pictures of the first `count` mistakes, and a contact sheet of them all.

    Raises
    ------
    SightbenchError
        The pictures cannot be drawn again, or the folder cannot be written.
    """
    chosen = found.found[:count]
    if not chosen:
        return []
    name = str(found.record.cell.representation)
    ids = [each.id for each in chosen]
    pictures = draw_framed(source, name, ids)
    paths = [
        folder / f"{number:03d}_{safe_name(each.id)}.png" for number, each in enumerate(chosen, 1)
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, picture in zip(paths, pictures, strict=True):
            path.write_bytes(encode_png(picture))
        _write_sheet(folder / "contact-sheet.png", found, chosen, pictures)
    except OSError as error:
        raise StoreError(f"Pictures cannot be written to {folder}: {error}.") from None
    return paths


def _write_sheet(
    path: Path, found: Mistakes, chosen: Sequence[Mistake], pictures: Sequence[Pixels]
) -> None:
    from PIL import Image, ImageDraw, ImageFont

    height, width = (max(p.shape[axis] for p in pictures) for axis in (0, 1))
    columns = min(SHEET_COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    step_x, step_y = width + GAP_PX, height + CAPTION_PX + GAP_PX
    size = (GAP_PX + columns * step_x, CAPTION_PX + rows * step_y)
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    pen.text((GAP_PX, 8), plain(words.headline(found)), "black", font)
    for number, (each, picture) in enumerate(zip(chosen, pictures, strict=True)):
        x = GAP_PX + number % columns * step_x
        y = CAPTION_PX + number // columns * step_y
        letters = max(width // 7, 8)
        caption = f"{each.label}, said: {words.said(each.answer)}"
        lines = f"{plain(each.id)[-letters:]}\n{plain(caption)[:letters]}"
        pen.multiline_text((x, y), lines, "black", font, spacing=2)
        sheet.paste(Image.fromarray(np.asarray(picture)), (x, y + CAPTION_PX))
    sheet.save(path)
