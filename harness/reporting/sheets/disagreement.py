"""The pictures that two cells judged differently, side by side, as PNG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.analysis.cell_names import cell_name
from harness.analysis.disagreement import Answer, Disagreement, Judged
from harness.analysis.redrawing import Pixels, Redrawing
from harness.errors import StoreError
from harness.pictures.encoding import encode_png
from harness.planning.ways import has_picture
from harness.reporting.sheets.axes import draw_framed
from harness.reporting.sheets.clips import plain, safe_name

GAP_PX, CAPTION_PX, SHEET_COLUMNS = 8, 46, 2
FOLDERS = ("only-first", "only-second", "neither")


def write_pictures(folder: Path, found: Disagreement, count: int, source: Redrawing) -> list[Path]:
    """Write the first `count` clips of each kind, and a contact sheet of them all.

    The first cell's picture is on the left. Files are named by kind, place and clip.

    Raises
    ------
    SightbenchError
        The pictures cannot be drawn again, or the folder cannot be written.
    """
    chosen = [clips[:count] for _, clips in found.sections()]
    everything = [clip for clips in chosen for clip in clips]
    pairs = dict(zip((c.id for c in everything), _pairs(everything, found, source), strict=True))
    paths = []
    try:
        for name, clips in zip(FOLDERS, chosen, strict=True):
            for number, clip in enumerate(clips, 1):
                path = folder / f"{name}_{number:03d}_{safe_name(clip.id)}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(encode_png(pairs[clip.id]))
                paths.append(path)
        if everything:
            _write_sheet(folder / "contact-sheet.png", found, everything, pairs)
    except OSError as error:
        raise StoreError(f"Pictures cannot be written to {folder}: {error}.") from None
    return paths


def _pairs(clips: Sequence[Judged], found: Disagreement, source: Redrawing) -> list[Pixels]:
    ids = [clip.id for clip in clips]
    if not ids:
        return []
    drawn = [
        draw_framed(source, name, ids)
        for record in (found.first, found.second)
        if has_picture(name := str(record.cell.representation))
    ]
    if not drawn:
        raise StoreError("Neither cell has pictures of its own: there are none to show.")
    # Of a cell without pictures, the other's stand on both sides.
    return [_beside(a, b) for a, b in zip(drawn[0], drawn[-1], strict=True)]


def _beside(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> Pixels:
    """Put two pictures side by side on white, aligned at the top."""
    height = max(left.shape[0], right.shape[0])
    canvas = np.full((height, left.shape[1] + GAP_PX + right.shape[1], 3), 255, np.uint8)
    canvas[: left.shape[0], : left.shape[1]] = left
    canvas[: right.shape[0], left.shape[1] + GAP_PX :] = right
    return canvas


def _write_sheet(
    path: Path, found: Disagreement, clips: Sequence[Judged], pairs: dict[str, Pixels]
) -> None:
    from PIL import Image, ImageDraw, ImageFont

    height, width = (max(p.shape[axis] for p in pairs.values()) for axis in (0, 1))
    rows = -(-len(clips) // SHEET_COLUMNS)
    step_x, step_y = width + 4 * GAP_PX, height + CAPTION_PX + GAP_PX
    size = (GAP_PX + SHEET_COLUMNS * step_x, CAPTION_PX + rows * step_y)
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    lead = "\n".join(
        f"{side}: {cell_name(str(record.cell.representation), str(record.cell.classifier))}"
        for side, record in (("left", found.first), ("right", found.second))
    )
    pen.multiline_text((GAP_PX, 4), plain(lead), "black", font)
    for number, clip in enumerate(clips):
        x = GAP_PX + number % SHEET_COLUMNS * step_x
        y = CAPTION_PX + number // SHEET_COLUMNS * step_y
        caption = f"{clip.label}: {clip.id[-48:]}\n{_said(clip.first)} | {_said(clip.second)}"
        pen.multiline_text((x, y), plain(caption), "black", font)
        sheet.paste(Image.fromarray(pairs[clip.id]), (x, y + CAPTION_PX - GAP_PX))
    sheet.save(path)


def _said(answer: Answer) -> str:
    verdict = "right" if answer.right else "WRONG"
    score = "" if answer.score is None else f" {answer.score:.2f}"
    return f"{verdict}: {'nothing' if answer.label is None else answer.label}{score}"
