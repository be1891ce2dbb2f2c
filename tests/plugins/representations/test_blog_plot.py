"""The picture has the bytes that the blog's code makes."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from scipy import signal

from harness import Inapplicable, Signals
from harness.pictures.drawing import Drawing
from harness.pictures.encoding import decode_jpeg
from plugins.representations import blog_plot, mesh_template
from plugins.representations.blog_plot import BlogPlot
from plugins.representations.spectrogram import Spectrogram

TIMES = np.arange(4000) / 2000


@pytest.fixture
def no_template() -> Iterator[None]:
    blog_plot._easel.cache_clear()
    yield
    blog_plot._easel.cache_clear()


def blogs(samples: np.ndarray, rate: float) -> bytes:
    """Draw as the blog does, through pyplot."""
    import matplotlib.pyplot as plt

    rows, columns, power = signal.spectrogram(
        samples.astype(np.float64), rate, nperseg=256, noverlap=224
    )
    buffer = io.BytesIO()
    with plt.rc_context({"backend": "agg"}):
        figure = plt.figure()
        plt.pcolormesh(columns, rows, power)
        plt.savefig(buffer, format="jpg")
        plt.close(figure)
    return buffer.getvalue()


def batch(*samples: np.ndarray, rate: float = 2000.0) -> Signals:
    return Signals(np.stack(samples).astype(np.float32)[:, None], rate)


def noise(n: int = 4000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n)


def without_warnings(signals: Signals) -> list[bytes]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        return BlogPlot().jpegs(signals)


def test_the_bytes_are_the_blogs() -> None:
    click = np.zeros(4000)
    click[1234] = 1
    signals = batch(
        np.zeros(4000),
        noise(),
        np.sin(2 * np.pi * 250 * TIMES),
        signal.chirp(TIMES, 50, 2, 400) + 0.1 * noise(seed=1),
        click,
        np.sign(noise(seed=2)),
        noise(seed=3) * 1e-6,
    )
    ours = without_warnings(signals)
    assert blog_plot._easel(4000, 2000.0).trusted
    assert ours == [blogs(samples[0], 2000.0) for samples in signals.samples]


@pytest.mark.parametrize(("n", "rate"), [(288, 2000.0), (1000, 8000.0), (40_000, 2000.0)])
def test_other_lengths_and_rates_have_their_own_templates(n: int, rate: float) -> None:
    signals = batch(noise(n), noise(n, seed=1), rate=rate)
    ours = without_warnings(signals)
    assert blog_plot._easel(n, rate).trusted
    assert ours == [blogs(samples[0], rate) for samples in signals.samples]


def test_recordings_have_the_blogs_bytes() -> None:
    folder = os.environ.get("SIGHTBENCH_REAL_DATA")
    if not folder:
        pytest.skip("SIGHTBENCH_REAL_DATA does not say where the recordings are")
    archive = Path(folder) / "right_whale_samples.zip"
    if not archive.is_file():
        pytest.skip(f"no right_whale_samples.zip in {folder}")
    import soundfile

    with zipfile.ZipFile(archive) as members:
        names = [
            name
            for name in members.namelist()
            if name.endswith(".aiff") and not name.startswith("__MACOSX")
        ]
        clips = [soundfile.read(io.BytesIO(members.read(name)))[0] for name in names]
    assert len(clips) == 10
    assert without_warnings(batch(*clips)) == [blogs(clip, 2000.0) for clip in clips]


@pytest.mark.usefixtures("no_template")
def test_settings_of_the_person_change_nothing() -> None:
    plain = BlogPlot().jpegs(batch(noise()))
    blog_plot._easel.cache_clear()
    with matplotlib.rc_context({"image.cmap": "magma", "figure.dpi": 50, "axes.linewidth": 5}):
        assert BlogPlot().jpegs(batch(noise())) == plain


def test_it_is_a_plot_in_its_own_size() -> None:
    signals = batch(noise(), noise(seed=1))
    drawing = Drawing(BlogPlot())
    assert drawing.plotted
    assert decode_jpeg(drawing.jpegs(signals)[0]).shape == (480, 640, 3)
    assert drawing.pixels(signals).shape == (2, 224, 224, 3)
    with pytest.raises(Inapplicable, match="finished pictures"):
        BlogPlot().raster(signals)


def density(samples: np.ndarray) -> np.ndarray:
    return blog_plot._density(blog_plot._windows(samples[None])[0], 2000.0)


def test_the_density_is_scipys_bit_for_bit() -> None:
    _, _, power = signal.spectrogram(noise(), 2000.0, nperseg=256, noverlap=224)
    assert np.array_equal(density(noise()), power)


def test_levels_are_those_of_matplotlib() -> None:
    from matplotlib.colors import Normalize

    power = density(noise())
    colours = matplotlib.colormaps["viridis"]
    theirs = colours(Normalize()(power), bytes=True)
    assert np.array_equal(theirs, colours(blog_plot._levels(power).astype(int), bytes=True))


@pytest.mark.usefixtures("no_template")
def test_what_cannot_be_learnt_is_drawn_by_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*places: Any) -> mesh_template.Template:
        raise mesh_template.Unlearnable("the plot is transparent")

    monkeypatch.setattr(mesh_template, "learn", refuse)
    with pytest.warns(RuntimeWarning, match="every picture itself.*the plot is transparent"):
        ours = BlogPlot().jpegs(batch(noise()))
    assert ours == [blogs(np.float32(noise()), 2000.0)]


@pytest.mark.usefixtures("no_template")
def test_a_template_that_differs_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = blog_plot._levels
    monkeypatch.setattr(blog_plot, "_levels", lambda power: levels(power) // 2)
    with pytest.warns(RuntimeWarning, match="differs from matplotlib's own"):
        ours = BlogPlot().jpegs(batch(noise(), noise(seed=1)))
    assert ours == [blogs(np.float32(noise(seed=seed)), 2000.0) for seed in (0, 1)]


def test_a_mesh_that_matplotlib_draws_smoothly_is_not_learnt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = mesh_template.draw
    monkeypatch.setattr(
        mesh_template, "draw", lambda *places, **more: draw(*places, **more, shading="gouraud")
    )
    with pytest.raises(mesh_template.Unlearnable):
        mesh_template.learn(np.arange(10.0), np.arange(8.0))


def test_several_channels_and_short_clips_are_refused() -> None:
    stereo = Signals(np.zeros((1, 2, 4000), np.float32), 2000.0)
    with pytest.raises(Inapplicable, match="one channel, and these clips have 2"):
        BlogPlot().jpegs(stereo)
    with pytest.raises(Inapplicable, match="at least 256 samples, its window; these have 255"):
        BlogPlot().jpegs(batch(noise(255)))


def test_its_cells_show_what_the_spectrogram_shows() -> None:
    signals = batch(np.sin(2 * np.pi * 250 * TIMES))
    bright = decode_jpeg(BlogPlot().jpegs(signals)[0]).astype(int)[60:426, 90:570, 1].mean(axis=1)
    rows = Spectrogram().raster(signals).values[0].mean(axis=1)
    assert abs((1 - bright.argmax() / 366) - rows.argmax() / 128) < 0.02
