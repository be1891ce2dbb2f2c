"""Rasters become the right pictures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness import (
    Axis,
    Improvement,
    Inapplicable,
    PictureSettings,
    Plot,
    Raster,
    Representation,
    Signals,
)
from harness.errors import PlanError
from harness.pictures.colours import COLOURS, colour, colour_table
from harness.pictures.drawing import BLOCK, Drawing, draw
from harness.pictures.encoding import decode_jpeg, encode_jpeg, encode_png
from harness.pictures.planes import planes


def make_raster(values: np.ndarray, scale: str = "power") -> Raster:
    _, rows, columns = values.shape
    return Raster(
        values.astype(np.float32),
        Axis("frequency", "Hz", np.arange(rows, dtype=float)),
        Axis("time", "s", np.arange(columns, dtype=float)),
        scale,  # type: ignore[arg-type]
    )


def settings(height: int, width: int, colours: str = "viridis") -> PictureSettings:
    return PictureSettings(height, width, colours)


@dataclass(frozen=True, kw_only=True)
class Squares(Representation):
    """Squared samples, folded into rows of four."""

    name: ClassVar[str] = "squares"

    def raster(self, signals: Signals) -> Raster:
        return make_raster(signals.samples.reshape(len(signals), 8, 4) ** 2)


@dataclass(frozen=True, kw_only=True)
class Line(Squares):
    """The same, said to be amplitude against time."""

    name: ClassVar[str] = "line"
    axes: ClassVar[tuple[str, str]] = ("amplitude", "time")


@dataclass(frozen=True, kw_only=True)
class Doubled(Improvement):
    """Twice as much of it, where there are frequencies."""

    name: ClassVar[str] = "doubled"
    needs: ClassVar[tuple[str, ...]] = ("frequency",)

    def improve(self, raster: Raster) -> Raster:
        return Raster(raster.values * 2, raster.rows, raster.columns, raster.scale)


@dataclass(frozen=True, kw_only=True)
class Painted(Plot):
    """A JPEG of one grey per clip, in a size of its own."""

    name: ClassVar[str] = "painted"

    def jpegs(self, signals: Signals) -> list[bytes]:
        greys = np.abs(signals.samples).max(axis=(1, 2)).astype(np.uint8)
        return [encode_jpeg(np.full((48, 64, 3), grey, np.uint8)) for grey in greys]


def test_the_last_row_is_drawn_at_the_top() -> None:
    levels = planes(make_raster(np.array([[[0.0, 0.0], [1.0, 0.0]]])), settings(2, 2))
    assert levels.tolist() == [[[255, 0], [0, 0]]]


def test_each_clip_is_stretched_alone_from_its_minimum_to_its_maximum() -> None:
    values = np.array([[[0.0, 1.0, 2.0, 4.0]], [[-30.0, -20.0, -10.0, 10.0]]])
    levels = planes(make_raster(values, "db"), settings(1, 4))
    assert levels.tolist() == [[[0, 64, 128, 255]]] * 2


def test_levels_are_those_of_a_matplotlib_colour_map() -> None:
    colors = pytest.importorskip("matplotlib.colors")
    cm = pytest.importorskip("matplotlib")
    values = np.random.default_rng(1).standard_normal((1, 16, 16)).astype(np.float32)
    drawn = draw(make_raster(values, "db"), settings(16, 16))[0]
    norm = colors.Normalize(values.min(), values.max())
    floats = cm.colormaps["viridis"](norm(values[0, ::-1]))[..., :3]
    difference = np.abs(drawn.astype(int) - np.floor(floats * 255 + 0.5).astype(int))
    # A value within float32's rounding of a level's edge may land on its other side.
    assert (difference > 0).any(axis=-1).sum() <= 1
    assert difference.max() <= 8


@pytest.mark.parametrize("exponent", [-120, -90, 90, 120])
def test_the_unit_of_the_values_changes_nothing(exponent: int) -> None:
    values = np.random.default_rng(0).uniform(1, 2, (2, 9, 7)).astype(np.float32)
    levels = planes(make_raster(np.ldexp(values, exponent)), settings(12, 10))
    assert np.array_equal(levels, planes(make_raster(values), settings(12, 10)))


def test_coverage_has_a_fixed_range_and_black_ink_on_white() -> None:
    raster = make_raster(np.array([[[0.0, 0.5]]]), "coverage")
    assert draw(raster, settings(1, 2))[0, 0].tolist() == [[255] * 3, [127] * 3]


@pytest.mark.parametrize("level", [0.0, 7.5, -1e30])
def test_a_constant_clip_is_level_zero(level: float) -> None:
    assert not planes(make_raster(np.full((1, 3, 3), level)), settings(5, 5)).any()


def test_shrinking_takes_the_mean_of_every_cell() -> None:
    values = np.zeros((1, 8, 8))
    values[0, 4:, 4:] = 1.0
    values[0, 0, 0] = 1.0
    levels = planes(make_raster(values), settings(2, 2))
    assert levels.tolist() == [[[0, 255], [256 // 16, 0]]]


def test_growing_and_shrinking_at_once_lose_no_cell() -> None:
    values = np.zeros((1, 2, 100))
    values[0, 1, 37] = 1.0
    levels = planes(make_raster(values), settings(8, 10))
    assert levels[0].argmax() == 3
    assert levels[0, 0, 3] == 25


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(bad: float) -> None:
    values = np.zeros((3, 4, 4))
    values[1, 2, 3] = bad
    with pytest.raises(Inapplicable, match=r"Clip 1 .* frequency against time"):
        planes(make_raster(values), settings(4, 4))


def test_a_raster_without_cells_is_refused() -> None:
    with pytest.raises(Inapplicable, match="no cells"):
        planes(make_raster(np.zeros((1, 0, 3))), settings(4, 4))


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=6),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_any_finite_raster_has_a_picture(values: np.ndarray, height: int, width: int) -> None:
    before = values.copy()
    levels = planes(make_raster(values), settings(height, width))
    assert levels.shape == (len(values), height, width)
    assert levels.dtype == np.uint8
    assert np.array_equal(values, before)
    if (height, width) == values.shape[1:]:
        for clip, level in zip(values.astype(np.float64), levels, strict=True):
            if clip.max() - clip.min() >= np.finfo(np.float32).tiny:
                assert level.max() == 255
                assert level.min() == 0


@pytest.mark.parametrize("name", [name for name in COLOURS if name != "grey"])
def test_colours_are_those_of_matplotlib(name: str) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    floats = matplotlib.colormaps[name](np.arange(256))[:, :3]
    table = colour_table("power", settings(1, 1, name))
    assert np.array_equal(table, np.floor(floats * 255 + 0.5).astype(np.uint8))


def test_unknown_colours_are_refused_with_the_known_ones() -> None:
    with pytest.raises(PlanError, match=r"'rainbow'.*viridis.*grey"):
        colour_table("power", settings(1, 1, "rainbow"))


def test_colour_looks_every_level_up() -> None:
    table = np.random.default_rng(0).integers(0, 256, (256, 3), dtype=np.uint8)
    levels = np.arange(256, dtype=np.uint8).reshape(2, 8, 16)
    assert np.array_equal(colour(levels, table), table[levels])


def test_png_is_lossless() -> None:
    image = pytest.importorskip("PIL.Image")
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    decoded = np.asarray(image.open(io.BytesIO(encode_png(pixels))).convert("RGB"))
    assert np.array_equal(decoded, pixels)


def test_jpeg_keeps_a_smooth_picture_and_its_colours() -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    pixels = np.stack([np.tile(ramp, (48, 1)), np.full((48, 64), 40, np.uint8)] * 2, axis=-1)
    pixels = np.ascontiguousarray(pixels[..., :3])
    decoded = decode_jpeg(encode_jpeg(pixels))
    assert decoded.shape == pixels.shape
    assert np.abs(decoded.astype(int) - pixels).max() <= 6


def test_less_quality_is_fewer_bytes() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert len(encode_jpeg(pixels, quality=30)) < len(encode_jpeg(pixels, quality=95)) / 2


@pytest.fixture
def signals() -> Signals:
    samples = np.random.default_rng(3).standard_normal((2 * BLOCK + 5, 1, 32))
    return Signals(samples.astype(np.float32), 100.0)


def test_a_drawing_draws_the_same_in_blocks_and_alone(signals: Signals) -> None:
    drawing = Drawing(Squares(), (Doubled(),), settings(10, 9))
    together = drawing.pixels(signals)
    alone = [drawing.pixels(Signals(each[None], signals.rate))[0] for each in signals.samples[::17]]
    assert np.array_equal(together[::17], alone)
    assert np.array_equal(together, colour(drawing.planes(signals), drawing.table(signals)))
    assert drawing.jpegs(signals)[BLOCK + 1] == encode_jpeg(together[BLOCK + 1])


def test_pictures_carry_their_ids(signals: Signals) -> None:
    ids = tuple(f"clip {number}" for number in range(len(signals)))
    pictures = Drawing(Squares(), settings=settings(4, 6)).pictures(signals, ids)
    assert pictures.ids == ids
    assert pictures.pixels.shape == (len(ids), 4, 6, 3)


def test_no_clips_are_no_pictures() -> None:
    empty = Signals(np.zeros((0, 1, 32), np.float32), 100.0)
    drawing = Drawing(Squares(), settings=settings(4, 6))
    assert drawing.planes(empty).shape == (0, 4, 6)
    assert drawing.pixels(empty).shape == (0, 4, 6, 3)


def test_improvements_apply_in_the_order_written(signals: Signals) -> None:
    plain = Drawing(Squares()).raster(signals).values
    assert np.array_equal(Drawing(Squares(), (Doubled(),) * 2).raster(signals).values, plain * 4)


def test_an_improvement_that_lacks_its_axis_is_refused() -> None:
    sentence = "doubled needs a frequency axis, and line draws amplitude against time"
    with pytest.raises(Inapplicable, match=sentence):
        Drawing(Line(), (Doubled(),)).check()
    Drawing(Squares(), (Doubled(),)).check()


def test_an_improvement_on_a_finished_picture_is_refused() -> None:
    with pytest.raises(Inapplicable, match="painted, which makes finished pictures"):
        Drawing(Painted(), (Doubled(),)).check()
    Drawing(Painted()).check()


def test_pictures_of_no_size_and_unknown_colours_are_refused_early() -> None:
    with pytest.raises(PlanError, match="0 x 5 pixels"):
        Drawing(Squares(), settings=settings(5, 0)).check()
    with pytest.raises(PlanError, match="rainbow"):
        Drawing(Squares(), settings=settings(5, 5, "rainbow")).check()


def test_a_plot_gives_its_own_jpegs_and_pixels_of_the_size_asked(signals: Signals) -> None:
    drawing = Drawing(Painted(), settings=settings(6, 8))
    greys = Signals(np.float32([[[10.0]], [[200.0]]]), 1.0)
    assert drawing.plotted
    assert not Drawing(Squares()).plotted
    assert drawing.jpegs(greys) == Painted().jpegs(greys)
    pixels = drawing.pixels(greys)
    assert pixels.shape == (2, 6, 8, 3)
    assert np.abs(pixels.astype(int).mean(axis=(1, 2, 3)) - [10, 200]).max() <= 1
    with pytest.raises(Inapplicable, match="no raster"):
        drawing.planes(greys)


def enlarged_exactly(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return shares of the range [shape=(height, width)], top row first, by SciPy in float64."""
    ndimage = pytest.importorskip("scipy.ndimage")
    stretched = (values[::-1] - values.min()) / np.ptp(values)
    places = [
        ((np.arange(n) + 0.5) * cells / n - 0.5).clip(0, cells - 1)
        for n, cells in zip(size, values.shape, strict=True)
    ]
    return ndimage.map_coordinates(stretched, np.meshgrid(*places, indexing="ij"), order=1)


def test_an_enlarged_picture_is_within_a_level_of_its_raster_enlarged_by_straight_lines() -> None:
    values = np.random.default_rng(5).exponential(size=(1, 33, 29)).astype(np.float32)
    drawn = planes(make_raster(values), settings(64, 100))[0].astype(int)
    exact = 256 * enlarged_exactly(values[0].astype(float), (64, 100))
    assert (drawn >= np.floor(exact) - 1).all()
    assert (drawn <= np.floor(exact) + 1).all()
    assert np.mean(drawn != np.floor(exact).clip(max=255)) < 0.04


def test_where_a_pixel_is_a_cell_its_level_is_the_share_of_the_range() -> None:
    values = np.arange(257, dtype=np.float32).reshape(1, 1, 257)
    levels = planes(make_raster(values), settings(3, 257))
    assert levels[0].tolist() == [[*range(256), 255]] * 3
