"""Pictures on disk: found again by what made them, shared, bounded."""

from __future__ import annotations

import json
import os
import time

import numpy as np
import pytest

from harness.errors import PluginError, StoreError
from harness.measuring.timing import Lap
from harness.pictures.chunks import Chunk
from harness.pictures.drawing import Drawing
from harness.pictures.encoding import decode_jpeg, encode_jpeg
from harness.pictures.gallery import Gallery
from harness.pictures.keys import drawing_key
from harness.registry.discovery import load
from harness.values import PictureSettings

TABLE = np.arange(768, dtype=np.uint8).reshape(256, 3)


def chunk(*contents, seed=0):
    planes = np.random.default_rng(seed).integers(0, 256, (len(contents), 9, 11), np.uint8)
    return Chunk(contents, planes, TABLE, (), {"draw": [Lap(0.5, len(contents))]})


def test_pictures_come_back_in_the_order_asked(tmp_path):
    gallery = Gallery(tmp_path)
    first, second = chunk("a", "b", seed=1), chunk("c", seed=2)
    gallery.add("key", first)
    gallery.add("key", second)
    album = gallery.album("key", ("x", "y", "z"), ("c", "b", "a"))
    pictures = album.pictures([0, 1, 2])
    assert pictures.ids == ("x", "y", "z")
    expected = np.stack([second.planes[0], first.planes[1], first.planes[0]])
    np.testing.assert_array_equal(pictures.pixels, TABLE[expected])
    parts = [batch.pixels for batch in album.batches(2)]
    np.testing.assert_array_equal(np.concatenate(parts), pictures.pixels)
    drawn = sorted(album.laps()["draw"], key=lambda lap: lap.clips)
    assert drawn == [Lap(0.5, 1), Lap(0.5, 2)]


def test_finished_jpegs_come_back_byte_for_byte(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (2, 16, 24, 3), np.uint8)
    jpegs = tuple(encode_jpeg(picture) for picture in pixels)
    gallery = Gallery(tmp_path)
    gallery.add("key", Chunk(("a", "b"), None, None, jpegs, {}))
    album = gallery.album("key", ("x", "y"), ("b", "a"))
    assert album.jpeg(0) == jpegs[1]
    np.testing.assert_array_equal(album.pictures([1]).pixels[0], decode_jpeg(jpegs[0]))


def test_equal_pictures_have_equal_hashes(tmp_path):
    gallery = Gallery(tmp_path)
    planes = np.zeros((2, 4, 4), np.uint8)
    gallery.add("key", Chunk(("a", "b"), planes, TABLE, (), {}))
    gallery.add("key", chunk("c"))
    hashes = gallery.album("key", ("a", "b", "c"), ("a", "b", "c")).hashes()
    assert hashes["a"] == hashes["b"] != hashes["c"]


def test_two_runs_may_add_the_same_chunk(tmp_path):
    one, other = Gallery(tmp_path), Gallery(tmp_path)
    one.add("key", chunk("a"))
    other.add("key", chunk("a"))
    assert [path.name[:6] for path in (tmp_path / "key").iterdir()] == ["chunk-"]


def test_a_half_written_chunk_is_not_there(tmp_path):
    gallery = Gallery(tmp_path)
    gallery.add("key", chunk("a"))
    index = next((tmp_path / "key").glob("chunk-*/index.json"))
    index.write_text(index.read_text()[:40])
    assert gallery.places("key") == {}
    with pytest.raises(StoreError, match="1 pictures are missing"):
        gallery.album("key", ("x",), ("a",))


def test_what_was_unused_longest_goes_first(tmp_path):
    gallery = Gallery(tmp_path, limit_bytes=1)
    gallery.add("key", chunk("new"))
    gallery.add("key", chunk("old"))
    place = gallery.places("key")["old"]
    past = time.time() - 7 * 24 * 3600
    os.utime(tmp_path / "key" / place.chunk, (past, past))
    assert gallery.shrink() > 0
    assert list(gallery.places("key")) == ["new"]
    assert gallery.shrink() == 0, "what was just used may be in use"


def test_the_cache_lists_and_clears(tmp_path):
    gallery = Gallery(tmp_path)
    gallery.title("key", "spectrogram")
    gallery.add("key", chunk("a", "b"))
    ((name, pictures, size),) = gallery.drawings()
    assert (name, pictures) == ("spectrogram", 2)
    assert gallery.clear() == size
    assert gallery.drawings() == []


def test_the_index_says_its_schema(tmp_path):
    Gallery(tmp_path).add("key", chunk("a"))
    index = json.loads(next(tmp_path.glob("key/chunk-*/index.json")).read_text())
    assert index["schema"] == 1


def test_a_key_changes_with_parameters_settings_and_source(tmp_path):
    source = (
        "from dataclasses import dataclass\n"
        "from typing import ClassVar\n"
        "from harness import Axis, Raster, Representation, hookimpl, parameter\n"
        "import numpy as np\n"
        "@dataclass(frozen=True, kw_only=True)\n"
        "class Flat(Representation):\n"
        '    """Flat."""\n'
        '    name: ClassVar[str] = "flat"\n'
        "    level: float = parameter(0.0, 'level')\n"
        "    def raster(self, signals):\n"
        "        values = np.full((len(signals), 2, 2), self.level, np.float32)\n"
        "        axis = Axis('time', 's', np.arange(2.0))\n"
        "        return Raster(values, axis, axis, 'power')\n"
        "@hookimpl\n"
        "def harness_representations():\n"
        "    return [Flat]\n"
    )
    file = tmp_path / "flat.py"
    file.write_text(source)
    flat = load([file]).catalogue.find("representation", "flat")
    keys = [
        drawing_key(Drawing(flat())),
        drawing_key(Drawing(flat(level=1.0))),
        drawing_key(Drawing(flat(), (), PictureSettings(64, 64))),
    ]
    assert drawing_key(Drawing(flat())) == keys[0]
    file.write_text(source + "\n# another thought\n")
    changed = load([file]).catalogue.find("representation", "flat")
    keys.append(drawing_key(Drawing(changed())))
    assert len(set(keys)) == 4
    with pytest.raises(PluginError, match="changed while it was in use"):
        drawing_key(Drawing(flat()))
