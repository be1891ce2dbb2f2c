"""Each part of the chain beside the library that does the same."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import librosa
import numpy as np
import pyarrow
import pytest
import soundfile
from PIL import Image, ImageDraw
from scipy import ndimage, signal

from benchmarks.speed import chains
from harness import PictureSettings, Raster, Signals
from harness.pictures.colours import colour, colour_table
from harness.pictures.drawing import BLOCK
from harness.pictures.encoding import encode_jpeg
from harness.pictures.packing import pack, unpack
from harness.pictures.planes import cells_of, planes
from plugins.datasets.labelled_folder import LabelledFolder
from plugins.improvements.contrast_enhanced import ContrastEnhanced
from plugins.improvements.frequency_cropped import FrequencyCropped
from plugins.improvements.median_clipped import MedianClipped
from plugins.improvements.noise_removed import NoiseRemoved
from plugins.improvements.pcen import Pcen
from plugins.representations.mel import Mel
from plugins.representations.scalogram import Scalogram
from plugins.representations.spectrogram import Spectrogram
from plugins.representations.waveform import Waveform

Work = Callable[[], Any]
SETTINGS = PictureSettings()


def _each(function: Callable[[Any], Any], items: Any) -> Work:
    return lambda: [function(item) for item in items]


def _scipys(samples: np.ndarray) -> Any:
    return signal.spectrogram(samples, 2000.0, nperseg=256, noverlap=224)


def _librosas(samples: np.ndarray) -> Any:
    power = librosa.feature.melspectrogram(y=samples, sr=2000, n_fft=256, hop_length=32, n_mels=64)
    return librosa.power_to_db(power, ref=np.max)


def _pillows_line(samples: np.ndarray) -> Image.Image:
    image = Image.new("L", (224, 224), 255)
    heights = 112 - samples / np.abs(samples).max() * 111
    points = np.stack([np.linspace(0, 223, len(samples)), heights], axis=1)
    ImageDraw.Draw(image).line(points.ravel().tolist(), fill=0)
    return image


def _pillows_picture(values: np.ndarray) -> Image.Image:
    stretched = (values[::-1] - values.min()) * (255 / np.ptp(values))
    image = Image.fromarray(stretched).resize((224, 224), Image.Resampling.BILINEAR).convert("L")
    image.putpalette(colour_table("power", SETTINGS).tobytes())
    return image.convert("RGB")


def _opencvs_picture(values: np.ndarray) -> Any:
    grey = cv2.normalize(values[::-1], None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)
    return cv2.applyColorMap(cv2.resize(grey, (224, 224)), cv2.COLORMAP_VIRIDIS)


def _pillows_jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="jpeg", quality=chains.QUALITY, subsampling=2)
    return buffer.getvalue()


def _sources(paths: list[Path], dataset: LabelledFolder, signals: Signals) -> Iterator[Any]:
    """Yield (part, by whom, what to call) for reading and representing."""
    entries = dataset.entries()[:BLOCK]
    mono = signals.samples[:, 0]
    yield "decode", "ours", _each(dataset.read, entries)
    yield "decode", "soundfile", _each(lambda path: soundfile.read(path, dtype="float32"), paths)
    yield "spectrogram", "ours", lambda: Spectrogram().raster(signals)
    yield "spectrogram", "scipy.signal", _each(_scipys, mono)
    yield "mel", "ours", lambda: Mel().raster(signals)
    yield "mel", "librosa", _each(_librosas, mono)
    yield "scalogram", "ours", lambda: Scalogram().raster(signals)
    yield "waveform", "ours", lambda: Waveform().raster(signals)
    yield "waveform", "Pillow", _each(_pillows_line, mono)


def _improvements(raster: Raster) -> Iterator[Any]:
    """Yield (part, by whom, what to call) for improvements of a raster in decibels."""
    values = raster.values
    points = raster.rows.points
    power = 10 ** (values / 10) * np.float32(2**31)

    def numpys_median() -> Any:
        return values - np.median(values, axis=2, keepdims=True)

    def scipys_running_mean() -> Any:
        share = 1 - np.exp(np.log(0.15) * 0.016)
        start = values.mean(axis=2, keepdims=True) * (1 - share)
        return signal.lfilter([share], [1, share - 1], values, zi=start)

    def scipys_gate() -> Any:
        above = values - values.mean(axis=2, keepdims=True)
        mask = (above > 1.5 * values.std(axis=2, keepdims=True)).astype(np.float32)
        return above * ndimage.uniform_filter(mask, (0, 5, 5))

    for method in ("median", "running-mean", "gating"):
        part = f"noise-removed[method={method}]"
        yield part, "ours", lambda method=method: NoiseRemoved(method=method).improve(raster)
    yield "noise-removed[method=median]", "numpy.median", numpys_median
    yield "noise-removed[method=running-mean]", "scipy.signal.lfilter", scipys_running_mean
    yield "noise-removed[method=gating]", "scipy.ndimage", scipys_gate

    def numpys_mask() -> Any:
        magnitude = 10 ** (values / 20)
        rows = np.median(magnitude, axis=2, keepdims=True)
        columns = np.median(magnitude, axis=1, keepdims=True)
        return (magnitude > 3 * rows) & (magnitude > 3 * columns)

    def scipys_contrast() -> Any:
        middle, reach = (f(values, axis=2, keepdims=True) for f in (np.mean, np.std))
        limited = np.clip(values, middle - 1.5 * reach, middle + 1.5 * reach)
        outer = ndimage.uniform_filter1d(limited, 64, axis=1, mode="constant") * 64
        inner = ndimage.uniform_filter1d(limited, 3, axis=1, mode="constant") * 3
        return limited - (outer - inner) / 61

    yield "pcen", "ours", lambda: Pcen().improve(raster)
    yield "pcen", "librosa", _each(lambda clip: librosa.pcen(clip, sr=2000, hop_length=32), power)
    yield "contrast-enhanced", "ours", lambda: ContrastEnhanced().improve(raster)
    yield "contrast-enhanced", "scipy.ndimage", scipys_contrast
    yield "median-clipped", "ours", lambda: MedianClipped().improve(raster)
    yield "median-clipped", "numpy.median", numpys_mask
    yield "frequency-cropped", "ours", lambda: FrequencyCropped().improve(raster)
    yield "frequency-cropped", "numpy", lambda: values[:, (points >= 40) & (points <= 440)]


def _pictures(raster: Raster) -> Iterator[Any]:
    """Yield (part, by whom, what to call) for drawing and encoding."""
    table = colour_table("power", SETTINGS)
    pixels = colour(planes(raster, SETTINGS), table)
    yield "drawing", "ours", lambda: colour(planes(raster, SETTINGS), table)
    yield "drawing", "OpenCV", _each(_opencvs_picture, raster.values)
    yield "drawing", "Pillow", _each(_pillows_picture, raster.values)
    yield "encoding", "ours", _each(lambda each: encode_jpeg(each, chains.QUALITY), pixels)
    yield "encoding", "Pillow", _each(_pillows_jpeg, pixels)


def _keeping(raster: Raster) -> Iterator[Any]:
    """Yield (part, by whom, what to call) for putting pictures into few bytes, and back."""
    drawn = planes(raster, SETTINGS)
    plane = np.empty((SETTINGS.height, SETTINGS.width), np.uint8)
    codec = pyarrow.Codec("zstd", compression_level=1)
    packed = [pack(each).data for each in cells_of(raster, SETTINGS)]
    compressed = [codec.compress(each, asbytes=True) for each in drawn]

    def ours() -> Any:
        return [pack(each) for each in cells_of(raster, SETTINGS)]

    yield "keeping", "ours", ours
    yield "keeping", "zstd", _each(lambda each: codec.compress(each, asbytes=True), drawn)
    yield "reading back", "ours", lambda: [unpack(each, plane) for each in packed]
    yield "reading back", "zstd", _each(lambda each: codec.decompress(each, plane.size), compressed)


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Work]:
    folder = tmp_path_factory.mktemp("block")
    chains.write_clips(folder, BLOCK)
    dataset = LabelledFolder(path=str(folder))
    samples = np.stack([dataset.read(entry).samples for entry in dataset.entries()])
    signals = Signals(samples, 2000.0)
    raster = Spectrogram(scale="db").raster(signals)
    all_works = [
        *_sources(sorted(folder.glob("*/*.aiff")), dataset, signals),
        *_improvements(raster),
        *_pictures(raster),
        *_keeping(raster),
    ]
    return {(part, by): work for part, by, work in all_works}


PARTS = {
    "decode": ("ours", "soundfile"),
    "spectrogram": ("ours", "scipy.signal"),
    "mel": ("ours", "librosa"),
    "scalogram": ("ours",),
    "waveform": ("ours", "Pillow"),
    "noise-removed[method=median]": ("ours", "numpy.median"),
    "noise-removed[method=running-mean]": ("ours", "scipy.signal.lfilter"),
    "noise-removed[method=gating]": ("ours", "scipy.ndimage"),
    "frequency-cropped": ("ours", "numpy"),
    "pcen": ("ours", "librosa"),
    "contrast-enhanced": ("ours", "scipy.ndimage"),
    "median-clipped": ("ours", "numpy.median"),
    "drawing": ("ours", "OpenCV", "Pillow"),
    "encoding": ("ours", "Pillow"),
    "keeping": ("ours", "zstd"),
    "reading back": ("ours", "zstd"),
}
PAIRS = [(part, by) for part, names in PARTS.items() for by in names]


@pytest.mark.parametrize(("part", "by"), PAIRS, ids=[" by ".join(pair) for pair in PAIRS])
def test_part(benchmark: Any, works: dict[tuple[str, str], Work], part: str, by: str) -> None:
    benchmark.group = part
    benchmark.extra_info.update(by=by, clips=BLOCK)
    result = benchmark.pedantic(works[part, by], rounds=12, warmup_rounds=2)
    assert result is not None
