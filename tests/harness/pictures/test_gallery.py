"""Pictures on disk: found again by what made them, shared, bounded."""

from __future__ import annotations

import os
import platform
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import PluginError, Spoilt
from harness.measuring.timing import Lap
from harness.pictures.chunks import Chunk
from harness.pictures.drawing import Drawing
from harness.pictures.encoding import decode_jpeg, encode_jpeg
from harness.pictures.gallery import Gallery
from harness.pictures.keys import drawing_key
from harness.pictures.rows import Rows
from harness.registry.discovery import load
from harness.values import PictureSettings
from tests.samples.damage import DAMAGES, WHOLE

TABLE = np.arange(768, dtype=np.uint8).reshape(256, 3)


def chunk(*contents, seed=0):
    planes = np.random.default_rng(seed).integers(0, 256, (len(contents), 9, 11), np.uint8)
    return Chunk(contents, planes, TABLE, (), {"draw": [Lap(0.5, len(contents))]}, (9, 11))


def test_pictures_come_back_in_the_order_asked(tmp_path):
    gallery = Gallery(tmp_path)
    first, second = chunk("a", "b", seed=1), chunk("c", seed=2)
    gallery.add("key", first)
    gallery.add("key", second)
    album = gallery.album("key", ("x", "y", "z"), ("c", "b", "a"))
    pictures = album.pictures([0, 1, 2])
    assert pictures.ids == ("x", "y", "z")
    expected = np.stack([second.cells[0], first.cells[1], first.cells[0]])
    np.testing.assert_array_equal(pictures.pixels, TABLE[expected])
    parts = [batch.pixels for batch in album.batches(2)]
    np.testing.assert_array_equal(np.concatenate(parts), pictures.pixels)
    drawn = sorted(album.laps()["draw"], key=lambda lap: lap.clips)
    here = platform.node()
    assert drawn == [Lap(0.5, 1, here), Lap(0.5, 2, here)]


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
    gallery.add("key", Chunk(("a", "b"), planes, TABLE, (), {}, (4, 4)))
    gallery.add("key", chunk("c"))
    hashes = gallery.album("key", ("a", "b", "c"), ("a", "b", "c")).hashes()
    assert hashes["a"] == hashes["b"] != hashes["c"]


def test_two_runs_may_add_the_same_chunk(tmp_path):
    one, other = Gallery(tmp_path), Gallery(tmp_path)
    one.add("key", chunk("a"))
    other.add("key", chunk("a"))
    assert [path.name[:6] for path in (tmp_path / "key").iterdir()] == ["chunk-"]


def test_what_is_drawn_anew_takes_the_place_of_the_old(tmp_path):
    gallery = Gallery(tmp_path)
    gallery.add("key", chunk("a", "b", seed=1))
    reader = gallery.album("key", ("x", "y"), ("a", "b"))
    new = chunk("a", "b", seed=2)
    gallery.add("key", new)
    assert len(list((tmp_path / "key").glob("chunk-*"))) == 1
    np.testing.assert_array_equal(reader.pictures([0, 1]).pixels, TABLE[new.cells])


def test_of_two_pictures_of_a_clip_the_newer_counts(tmp_path):
    gallery = Gallery(tmp_path)
    gallery.add("key", chunk("a", "b", seed=1))
    new = chunk("b", seed=2)
    gallery.add("key", new)
    album = gallery.album("key", ("x", "y"), ("a", "b"))
    np.testing.assert_array_equal(album.pictures([1]).pixels[0], TABLE[new.cells[0]])


@pytest.mark.parametrize("damage", WHOLE, ids=lambda damage: damage.__name__)
def test_a_chunk_that_is_seen_to_be_damaged_is_not_there(tmp_path, damage):
    gallery = Gallery(tmp_path)
    gallery.add("key", chunk("a"))
    damage(next((tmp_path / "key").glob("chunk-*")))
    assert gallery.places("key") == {}
    with pytest.raises(Spoilt, match="1 pictures are missing"):
        gallery.album("key", ("x",), ("a",))
    gallery.add("key", chunk("a"))
    assert gallery.album("key", ("x",), ("a",)).pictures([0]).ids == ("x",)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("kind", ["planes", "jpegs"])
def test_no_damaged_picture_is_believed(tmp_path, damage, kind):
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), np.uint8)
    jpegs = tuple(encode_jpeg(picture) for picture in pixels)
    planes = {"planes": chunk("a", "b"), "jpegs": Chunk(("a", "b"), None, None, jpegs, {})}
    gallery = Gallery(tmp_path)
    gallery.add("key", planes[kind])
    album = gallery.album("key", ("x", "y"), ("a", "b"))
    damage(next((tmp_path / "key").glob("chunk-*")))
    with pytest.raises(Spoilt, match="sightbench cache clear"):
        album.pictures([0, 1])
    assert album.sift() == 1
    assert list((tmp_path / "key").glob("chunk-*")) == []


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_bit_is_enough_to_be_found(chunk_file, place, bit):
    folder, path, whole = chunk_file
    data = bytearray(whole)
    data[int(place * len(data))] ^= 1 << bit
    path.write_bytes(data)
    gallery = Gallery(folder)
    with pytest.raises(Spoilt):
        gallery.album("key", ("x", "y"), ("a", "b")).pictures([0, 1])


@pytest.fixture(scope="module")
def chunk_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    Gallery(folder).add("key", chunk("a", "b"))
    path = next((folder / "key").glob("chunk-*"))
    return folder, path, path.read_bytes()


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


def test_the_limit_is_for_pictures_and_features_together(tmp_path):
    gallery = Gallery(tmp_path / "pictures", limit_bytes=1)
    gallery.add("key", chunk("a"))
    old = gallery.features.add("other", Rows(("a",), (b"features",), {"laps": {}}))
    assert gallery.excess() > old.stat().st_size
    os.utime(old, (0, 0))
    assert gallery.shrink() > 0
    assert gallery.features.places("other") == {}
    assert list(gallery.places("key")) == ["a"]


def test_room_is_made_for_what_is_coming(tmp_path):
    gallery = Gallery(tmp_path, limit_bytes=10**6)
    gallery.add("key", chunk("a"))
    os.utime(next((tmp_path / "key").glob("chunk-*")), (0, 0))
    assert gallery.shrink(10**5) == 0
    assert gallery.shrink(10**6) > 0


def test_the_cache_lists_and_clears(tmp_path):
    gallery = Gallery(tmp_path / "pictures")
    gallery.title("key", "spectrogram")
    gallery.add("key", chunk("a", "b"))
    gallery.features.add("other", Rows(("a",), (b"features",), {}))
    gallery.readings.add("third", Rows(("column",), (b"readings",), {"rows": 7}))
    (pictures,), (features,), (readings,) = gallery.kept().values()
    assert (pictures.title, pictures.rows) == ("spectrogram", 2)
    assert (features.title, features.rows) == ("other", 1)
    assert (readings.title, readings.rows) == ("third", 7)
    sizes = [each.size_bytes for each in (pictures, features, readings)]
    assert gallery.clear() == sum(sizes)
    assert gallery.kept() == {"pictures": [], "features": [], "readings": []}


def test_what_a_killed_start_left_half_written_is_swept(tmp_path):
    gallery = Gallery(tmp_path)
    gallery.add("key", chunk("a"))
    for name, age_s in (("young", 60), ("old", 7 * 24 * 3600)):
        left = tmp_path / "key" / f".new-{name}"
        left.write_bytes(b"half")
        os.utime(left, (time.time() - age_s,) * 2)
    gallery.sweep()
    assert [path.name for path in (tmp_path / "key").glob(".new-*")] == [".new-young"]
    assert list(gallery.places("key")) == ["a"]


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
