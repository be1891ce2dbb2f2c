"""A plot by matplotlib, learnt once, that any number of spectrograms can be filled into.

What ``pcolormesh`` draws for a spectrogram depends on the numbers in it only through the colour of
each cell: axes, ticks, labels, and which pixels a cell covers are the same for all spectrograms of
one shape. So a few meshes whose cells have known levels are drawn, and looking at them tells, for
every pixel, its cell. The frame of the plot is half transparent where it fades into the outermost
pixels; there the share of the frame's black is found too.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = 256
PATTERNS = 10
"""Meshes of random levels by which the blended pixels are told apart."""

REACH = 6
"""How many cells away from the nearest whole pixel's the cell of a blended pixel may be."""

Grey = NDArray[np.uint8]


class Unlearnable(Exception):
    """The installed matplotlib draws something else than this module understands."""


@dataclass(frozen=True)
class Template:
    """A plot without its spectrogram, and where the spectrogram's cells go.

    Parameters
    ----------
    canvas : array [shape=(height, width)], uint32
        The plot as red, green, blue and one unused byte a pixel; filling writes into it.
    colours : array [shape=(256,)], uint32
        The colour of each level, packed like the canvas.
    area
        The rectangle of the canvas where every pixel has the colour of one cell.
    rows, columns : arrays [shape=(height of the area,) and (width of the area,)], intp
        The row and the column of the cell at each of its pixels.
    blended_pixels, blended_cells : array [shape=(n,)], intp
        Pixels of the canvas, counted row by row, where the frame lies over a cell; their cells.
    blended_kinds : array [shape=(n,)], intp
        The row of `blends` for each of them.
    blends : array [shape=(kinds, 256)], uint32
        The colour of each level under the frame.
    """

    canvas: NDArray[np.uint32]
    colours: NDArray[np.uint32]
    area: tuple[slice, slice]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    blended_pixels: NDArray[np.intp]
    blended_cells: NDArray[np.intp]
    blended_kinds: NDArray[np.intp]
    blends: NDArray[np.uint32]

    def fill(self, levels: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """Return the canvas, with the levels [shape=(rows, columns)] drawn into it."""
        import cv2

        # Where a step can copy whole rows it does; colours are looked up last, for until then a
        # cell is one byte, and straight into the canvas.
        widened = cv2.transpose(levels.T.take(self.columns, axis=0))
        heightened = widened.take(self.rows, axis=0)
        cv2.LUT(heightened, self.colours.view(np.int32), self.canvas.view(np.int32)[self.area])
        under = levels.take(self.blended_cells)
        self.canvas.reshape(-1)[self.blended_pixels] = self.blends[self.blended_kinds, under]
        return self.canvas


def draw(
    columns: NDArray[np.float64], rows: NDArray[np.float64], values: NDArray[Any], **more: Any
) -> Any:
    """Draw a mesh on a new figure, with all of matplotlib's settings at their defaults.

    What ``plt.figure(); plt.pcolormesh(columns, rows, values)`` draws, without pyplot, which keeps
    every figure until it is closed.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    defaults = {key: matplotlib.rcParamsDefault[key] for key in matplotlib.rcParamsDefault}
    defaults.pop("backend", None)
    with matplotlib.rc_context(defaults):
        figure = Figure()
        FigureCanvasAgg(figure)
        figure.add_subplot().pcolormesh(columns, rows, values, **more)
        return figure


def jpeg_of(figure: Any) -> bytes:
    """Return a figure as ``plt.savefig(buffer, format="jpg")`` writes it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="jpg")
    return buffer.getvalue()


def learn(columns: NDArray[np.float64], rows: NDArray[np.float64]) -> Template:
    """Learn how matplotlib draws any mesh at these places [shape=(columns,) and (rows,)].

    Raises
    ------
    Unlearnable
        A pixel changes with the mesh in a way that no single cell explains.
    """
    colours = _colours()
    draws = _Draws(columns, rows, colours)
    columns_at, rows_at = draws.places()
    area = _rectangle((columns_at >= 0) & (rows_at >= 0))
    row_of, column_of = rows_at[area][:, 0], columns_at[area][0]
    cells = row_of[:, None] * len(columns) + column_of
    rng = np.random.default_rng(0)
    patterns = rng.integers(0, LEVELS, (PATTERNS, len(rows), len(columns)))
    seen = np.stack([draws.pixels(each) for each in patterns])
    if not np.array_equal(seen[:, *area], colours[patterns.reshape(PATTERNS, -1)[:, cells]]):
        raise Unlearnable("the cells do not cover the pixels that they seemed to cover")
    changing = (seen != seen[0]).any(axis=(0, 3))
    changing[area] = False
    blended = np.flatnonzero(changing)
    down, across = np.unravel_index(blended, changing.shape)
    nearest = (
        row_of[np.clip(down - area[0].start, 0, len(row_of) - 1)],
        column_of[np.clip(across - area[1].start, 0, len(column_of) - 1)],
    )
    observed = seen.reshape(PATTERNS, -1, 3)[:, blended].transpose(1, 0, 2)
    found, under = _explain(observed.reshape(len(blended), -1), patterns, nearest, colours)
    kinds, kind = np.unique(under, axis=0, return_inverse=True)
    return Template(
        canvas=_pack(seen[0]),
        colours=_pack(colours),
        area=area,
        rows=row_of,
        columns=column_of,
        blended_pixels=blended,
        blended_cells=found,
        blended_kinds=kind.reshape(-1).astype(np.intp),
        blends=_pack(kinds[:, colours]),
    )


def _colours() -> Grey:
    """Return the default colour of each level [shape=(256, 3)], rounded as Agg rounds."""
    import matplotlib

    shares = matplotlib.colormaps[matplotlib.rcParamsDefault["image.cmap"]](np.arange(LEVELS))
    return np.asarray(np.floor(shares[:, :3] * 255 + 0.5), dtype=np.uint8)


@dataclass(frozen=True)
class _Draws:
    """Meshes of known levels, drawn by matplotlib."""

    columns: NDArray[np.float64]
    rows: NDArray[np.float64]
    colours: Grey

    def pixels(self, levels: NDArray[Any]) -> Grey:
        """Return the plot [shape=(height, width, 3)] of a mesh with these levels."""
        figure = draw(self.columns, self.rows, levels + 0.5, vmin=0, vmax=LEVELS)
        figure.canvas.draw()
        drawn = np.asarray(figure.canvas.buffer_rgba())
        if (drawn[..., 3] != 255).any():
            raise Unlearnable("the plot is transparent")
        return drawn[..., :3].copy()

    def places(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the column and the row of the cell of each pixel, -1 where there is none."""
        shape = (len(self.rows), len(self.columns))
        across = np.broadcast_to(np.arange(shape[1]), shape)
        up = np.broadcast_to(np.arange(shape[0])[:, None], shape)
        return self._numbers(across), self._numbers(up)

    def _numbers(self, numbers: NDArray[np.intp]) -> NDArray[np.intp]:
        """Draw whole numbers, a digit at a time, and read them off the pixels again."""
        # Two levels of viridis have the colour of another; they cannot be told apart.
        _, distinct = np.unique(_pack(self.colours), return_index=True)
        base = len(distinct)
        total: NDArray[np.intp] | None = None
        for place in range(3):
            digits = numbers // base**place % base
            read = _digits(self.pixels(distinct[digits]), self.colours[distinct])
            part = np.where(read < 0, -1, read * base**place)
            total = part if total is None else np.where((total < 0) | (part < 0), -1, total + part)
            if numbers.max() < base ** (place + 1):
                return total
        raise Unlearnable("the mesh has more cells than can be told apart")


def _digits(pixels: Grey, colours: Grey) -> NDArray[np.intp]:
    """Return which of some distinct colours each pixel has, -1 for none."""
    packed = _pack(colours)
    order = np.argsort(packed)
    wanted = _pack(pixels)
    found = order[np.searchsorted(packed[order], wanted).clip(0, len(order) - 1)]
    return np.where(packed[found] == wanted, found, -1)


def _rectangle(pure: NDArray[np.bool_]) -> tuple[slice, slice]:
    across, down = np.flatnonzero(pure.any(axis=0)), np.flatnonzero(pure.any(axis=1))
    if not across.size:
        raise Unlearnable("no pixel has the colour of a cell")
    area = (slice(int(down[0]), int(down[-1]) + 1), slice(int(across[0]), int(across[-1]) + 1))
    if not pure[area].all():
        raise Unlearnable("the pixels of the cells form no rectangle")
    return area


def _explain(
    observed: Grey,
    patterns: NDArray[np.intp],
    nearest: tuple[NDArray[np.intp], NDArray[np.intp]],
    colours: Grey,
) -> tuple[NDArray[np.intp], Grey]:
    """Find the cell of each blended pixel [shape=(n,)] and what it does to 256 brightnesses.

    Parameters
    ----------
    observed : array [shape=(n, patterns * 3)], uint8
        Red, green and blue of each pixel, mesh after mesh.
    nearest
        The row and the column of the cell at the nearest pixel that has a cell's whole colour.
    """
    cell = np.full(len(observed), -1, np.intp)
    under = np.zeros((len(observed), LEVELS), np.uint8)
    tables = _UNDER
    for _ in range(2):
        left = np.flatnonzero(cell < 0)
        places = (nearest[0][left], nearest[1][left])
        cell[left], fitting = _match(observed[left], patterns, places, colours, tables)
        under[left] = tables[fitting]
        # In the corners two lines of the frame lie over each other.
        known = np.unique(under[cell >= 0], axis=0)
        tables = known[:, known].reshape(-1, LEVELS)
    if (cell < 0).any():
        raise Unlearnable(f"{int((cell < 0).sum())} pixels of the frame follow no cell")
    return cell, under


def _match(
    observed: Grey,
    patterns: NDArray[np.intp],
    nearest: tuple[NDArray[np.intp], NDArray[np.intp]],
    colours: Grey,
    tables: Grey,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the cell, or -1, and the table [shape=(tables, 256)] that explain each pixel."""
    rows, columns = patterns.shape[1:]
    cell = np.full(len(observed), -1, np.intp)
    fits = np.zeros((len(observed), len(tables)), np.bool_)
    steps = sorted(product(range(-REACH, REACH + 1), repeat=2), key=_distance)
    for up, across in steps:
        left = np.flatnonzero(cell < 0)
        if not left.size:
            break
        row = (nearest[0][left] + up).clip(0, rows - 1)
        column = (nearest[1][left] + across).clip(0, columns - 1)
        sources = colours[patterns[:, row, column]].transpose(1, 0, 2).reshape(len(left), -1)
        fits[left] = (tables[:, sources] == observed[left]).all(axis=2).T
        cell[left] = np.where(fits[left].any(axis=1), row * columns + column, -1)
    # Where several tables explain all that was seen, it is the one of most of the frame.
    return cell, np.asarray((fits * fits.sum(axis=0)).argmax(axis=1))


def _distance(step: tuple[int, ...]) -> int:
    return step[0] ** 2 + step[1] ** 2


def _under(cover: int) -> Grey:
    """Return what each of 256 brightnesses becomes under a cover of black, as Agg blends.

    ``fixed_blender_rgba_plain`` of matplotlib's src/_backend_agg_basic_types.h, over an opaque
    pixel: ``255 c (256 - a) / (65280 + a)`` without its remainder.
    """
    brightness = np.arange(LEVELS)
    return (255 * brightness * (256 - cover) // (65280 + cover)).astype(np.uint8)


_UNDER = np.stack([_under(cover) for cover in range(LEVELS)])


def _pack(pixels: NDArray[Any]) -> NDArray[np.uint32]:
    """Return RGB [shape=(..., 3)] as one number a pixel, in the byte order of Pillow's "RGBX"."""
    padded = np.full((*pixels.shape[:-1], 4), 255, np.uint8)
    padded[..., :3] = pixels
    return padded.view(np.uint32)[..., 0]
