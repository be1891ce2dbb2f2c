"""A clip is not read again while its file is as it was; whatever changes it is noticed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from harness.clips import remembering
from harness.clips.blocks import read_block
from harness.clips.collection import collect
from harness.clips.remembering import Memory, says_basis
from harness.contracts import Dataset
from harness.pictures.storeroom import Storeroom
from harness.values import Basis, Clip, Entry
from plugins.datasets.labelled_folder import LabelledFolder
from plugins.datasets.right_whale import RightWhale
from plugins.datasets.upcalls import Upcalls
from tests.samples.damage import DAMAGES

READ: list[str] = []


class Bytes(Dataset):
    """Files whose bytes are samples."""

    name = "bytes"
    folder: str = ""

    def entries(self):
        names = sorted(path.name for path in Path(self.folder).iterdir())
        return [Entry(name, "ab"[row % 2]) for row, name in enumerate(names)]

    def read(self, entry):
        READ.append(entry.id)
        held = Path(self.folder, entry.id).read_bytes()
        samples = np.frombuffer(held, np.uint8).astype(np.float32)
        return Clip(entry.id, samples[None], 100.0, entry.label)

    def basis(self, entry):
        return Basis((f"{self.folder}/{entry.id}",))


class Otherwise(Bytes):
    """Reads in a way of its own, and does not say what that stands on."""

    name = "otherwise"

    def read(self, entry):
        return super().read(entry)


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "clips"
    home.mkdir()
    for row in range(6):
        (home / f"{row}").write_bytes(bytes([row, row + 1, 7]))
    return home


@pytest.fixture(autouse=True)
def settled(monkeypatch):
    """Let files count as settled at once: the tests cannot wait."""
    monkeypatch.setattr(remembering, "RACY_NS", 0)
    READ.clear()


def gather(dataset, tmp_path, fresh=False, skip_bad=False):
    """Collect clips; return the collection, and which of them were read."""
    READ.clear()
    memory = Memory.of(Storeroom(tmp_path / "readings"), dataset, dataset.name, fresh=fresh)
    found = collect(dataset, skip_bad, lambda tasks: map(read_block, tasks), memory)
    return found, list(READ)


def test_what_was_read_once_is_not_read_again(folder, tmp_path):
    first, read = gather(Bytes(folder=str(folder)), tmp_path)
    assert len(read) == 6
    second, read = gather(Bytes(folder=str(folder)), tmp_path)
    assert read == []
    assert list(second.readings) == list(first.readings)
    assert second.digest() == first.digest()
    assert gather(Bytes(folder=str(folder)), tmp_path, fresh=True)[1] == [str(n) for n in range(6)]


def test_files_are_looked_at_before_they_are_read_and_never_after(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("harness.clips.blocks.BLOCK", 2)
    dataset, looked_at = Bytes(folder=str(folder)), []
    monkeypatch.setattr(Bytes, "basis", lambda self, entry: looked_at.append(entry.id) or Basis(()))

    def read(blocks):
        assert not looked_at
        for number, block in enumerate(blocks):
            assert len(looked_at) == 2 * (number + 1)
            yield read_block(block)
            blocks[number]  # as who matches results with tasks does
        assert looked_at == READ

    memory = Memory.of(Storeroom(tmp_path / "readings"), dataset, dataset.name)
    collect(dataset, False, read, memory)


def test_a_clip_that_changes_after_it_was_read_is_read_again(folder, tmp_path):
    dataset = Bytes(folder=str(folder))

    def read(blocks):
        for number, block in enumerate(blocks):
            yield read_block(block)
            write_in_place(folder / "3")
            blocks[number]

    collect(dataset, False, read, Memory.of(Storeroom(tmp_path / "readings"), dataset, "bytes"))
    assert gather(dataset, tmp_path)[1] == ["3"]


def write_in_place(path):
    with path.open("r+b") as file:
        file.write(b"\xff")


def write_and_put_the_time_back(path):
    before = path.stat()
    write_in_place(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def put_another_in_its_place(path):
    before = path.stat()
    beside = path.with_name("beside")
    beside.write_bytes(b"\xff" + path.read_bytes()[1:])
    os.utime(beside, ns=(before.st_atime_ns, before.st_mtime_ns))
    beside.replace(path)


def lengthen(path):
    path.write_bytes(b"\xff" + path.read_bytes())


@pytest.mark.parametrize(
    "change",
    [write_in_place, write_and_put_the_time_back, put_another_in_its_place, lengthen],
)
def test_a_file_that_changed_is_read_again_and_no_other(folder, tmp_path, change):
    first, _ = gather(Bytes(folder=str(folder)), tmp_path)
    time.sleep(0.02)  # the clock of a file system may go by steps of 10 ms
    change(folder / "3")
    second, read = gather(Bytes(folder=str(folder)), tmp_path)
    assert read == ["3"]
    assert [row for row in range(6) if first.readings[row] != second.readings[row]] == [3]
    assert second.digest() != first.digest()


def test_a_touched_file_is_read_again_and_found_the_same(folder, tmp_path):
    first, _ = gather(Bytes(folder=str(folder)), tmp_path)
    time.sleep(0.02)
    (folder / "2").touch()
    second, read = gather(Bytes(folder=str(folder)), tmp_path)
    assert read == ["2"]
    assert second.digest() == first.digest()


def test_files_that_come_and_go_are_noticed(folder, tmp_path):
    gather(Bytes(folder=str(folder)), tmp_path)
    (folder / "0").unlink()
    (folder / "9").write_bytes(b"new")
    found, read = gather(Bytes(folder=str(folder)), tmp_path)
    assert read == ["9"]
    assert [entry.id for entry in found.entries] == ["1", "2", "3", "4", "5", "9"]
    assert found.readings[0].length == 3


def test_a_file_that_has_just_changed_is_not_believed(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(remembering, "RACY_NS", 2_000_000_000)
    gather(Bytes(folder=str(folder)), tmp_path)
    assert len(gather(Bytes(folder=str(folder)), tmp_path)[1]) == 6


def test_a_bad_clip_is_never_remembered(folder, tmp_path):
    (folder / "4").write_bytes(b"")
    gather(Bytes(folder=str(folder)), tmp_path, skip_bad=True)
    found, read = gather(Bytes(folder=str(folder)), tmp_path, skip_bad=True)
    assert read == ["4"]
    assert len(found) == 5


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_memory_is_no_memory(folder, tmp_path, damage):
    first, _ = gather(Bytes(folder=str(folder)), tmp_path)
    (file,) = (tmp_path / "readings").glob("*/chunk-*")
    damage(file)
    second, read = gather(Bytes(folder=str(folder)), tmp_path)
    assert len(read) == 6
    assert list(second.contents.items()) == list(first.contents.items())
    assert gather(Bytes(folder=str(folder)), tmp_path)[1] == []


def test_another_way_to_read_must_say_itself_what_it_stands_on(folder, tmp_path):
    assert says_basis(Bytes(folder="x"))
    assert not says_basis(Otherwise(folder="x"))
    for _ in range(2):
        assert len(gather(Otherwise(folder=str(folder)), tmp_path)[1]) == 6


def test_parameters_are_part_of_what_is_remembered(tmp_path):
    gather(Upcalls(clips=4), tmp_path)
    memory = Memory.of(Storeroom(tmp_path / "readings"), Upcalls(clips=4, seed=1), "")
    assert memory.is_empty()
    assert not Memory.of(Storeroom(tmp_path / "readings"), Upcalls(clips=4), "").is_empty()


def test_the_rate_that_other_files_decide_counts(tmp_path):
    import soundfile

    for label in "ab":
        (tmp_path / "clips" / label).mkdir(parents=True)
        soundfile.write(tmp_path / "clips" / label / "1.wav", np.ones(800) / 2, 8000)
    dataset = LabelledFolder(path=str(tmp_path / "clips"))
    assert {reading.rate for reading in gather(dataset, tmp_path)[0].readings} == {8000.0}
    soundfile.write(tmp_path / "clips" / "b" / "2.wav", np.ones(400) / 2, 4000)
    again = LabelledFolder(path=str(tmp_path / "clips"))
    assert {reading.rate for reading in gather(again, tmp_path)[0].readings} == {4000.0}


def test_members_of_a_zip_stand_on_the_zip(tmp_path):
    import zipfile

    import soundfile

    path = tmp_path / "clips.zip"

    def write(level):
        with zipfile.ZipFile(path, "w") as archive:
            for label in ("right_whale", "no_right_whale"):
                sound = tmp_path / "one.wav"
                soundfile.write(sound, np.full(100, level), 2000)
                archive.write(sound, f"{label}/{label}.wav")

    write(0.25)
    first, _ = gather(RightWhale(path=str(path)), tmp_path)
    before = path.stat()
    time.sleep(0.02)
    write(0.5)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    second, _ = gather(RightWhale(path=str(path)), tmp_path)
    assert first.digest() != second.digest()


def test_no_source_is_looked_through_where_nothing_is_kept(tmp_path, monkeypatch):
    room = Storeroom(tmp_path / "readings")
    asked = []
    monkeypatch.setattr(remembering, "memory_key", lambda dataset: asked.append(dataset) or "key")
    memory = Memory.of(room, Upcalls(clips=4), "")
    assert memory.is_empty()
    assert not asked
    room.home("another").mkdir(parents=True)
    assert memory.is_empty()
    assert memory.key == "key"
    assert asked == [Upcalls(clips=4)]
