"""Which files are recordings."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.datasets.decoding import decode
from plugins.datasets.file_names import AUDIO_SUFFIXES, FOREIGN_SUFFIXES
from plugins.datasets.first_bytes import is_sound
from plugins.datasets.sorting_out import describe_left_out, sort_out
from plugins.datasets.stores import open_store

UNREAD = {"RAW", "SD2", "XI"}
"""Kinds that do not say in the file itself what they are, and one that is an instrument."""


def sound(kind: str = "WAV") -> bytes:
    out = io.BytesIO()
    time = np.arange(4000) / 8000
    for subtype in soundfile.available_subtypes(kind):
        try:
            soundfile.write(out, 0.5 * np.sin(2 * np.pi * 440 * time), 8000, subtype, format=kind)
        except (soundfile.SoundFileError, RuntimeError):
            continue
        return out.getvalue()
    raise AssertionError(kind)


class Memory:
    """A store of one file."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, name: str, at_most: int | None = None) -> bytes:
        return self.data[:at_most]


@pytest.mark.parametrize("kind", sorted(set(soundfile.available_formats()) - UNREAD))
def test_whatever_libsndfile_writes_is_known_by_its_content(kind: str) -> None:
    data = sound(kind)
    assert is_sound(Memory(data), "clip")  # type: ignore[arg-type]
    samples, rate, _ = decode(data)
    assert samples.size
    assert rate > 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF\x10\0\0\0AVI LIST",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"%PDF-1.7",
        b"path,label\na.wav,x\n",
        ("path\tlabel\na.wav\tx\n" * 50).encode("utf-16"),
        b"\xff\xfe" + b"\x70\0" * 2000,
        b"PK\x03\x04",
        b"MATLAB 5.0 MAT-file, but nothing else",
        b"\x01\x04" + bytes(100),
    ],
)
def test_what_is_no_recording_is_none(data: bytes) -> None:
    assert not is_sound(Memory(data), "file")  # type: ignore[arg-type]


@given(st.binary(max_size=200))
@settings(max_examples=200)
def test_any_bytes_are_told(data: bytes) -> None:
    assert is_sound(Memory(data), "file") in (True, False)  # type: ignore[arg-type]


def test_each_suffix_means_one_thing() -> None:
    assert not AUDIO_SUFFIXES & FOREIGN_SUFFIXES
    known = {f".{kind.casefold()}" for kind in soundfile.available_formats()}
    assert known - AUDIO_SUFFIXES == {".mat4", ".mat5", ".mpc2k", ".raw", ".sd2", ".xi"}


FILES = {
    "call/a.wav": sound(),
    "call/b.dat": sound("AU"),
    "call/c": sound("FLAC"),
    "call/broken.wav": b"",
    "call/d.m4a": b"\0\0\0 ftypM4A ",
    "call/e.wav.part": sound(),
    "README": b"read me",
    "notes.txt": b"notes",
    "more.txt": b"notes",
    "clip.lock": b"",
    ".git/x.wav": sound(),
}


@pytest.mark.parametrize("packed", [False, True])
def test_recordings_are_sorted_out_in_folders_and_zips(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "set"
    for name, data in FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    if packed:
        path = tmp_path / "set.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in FILES.items():
                archive.writestr(name, data)
    store = open_store(str(path))
    listing = store.listing()
    found = sort_out(store, listing)
    assert {name: fault is None for name, fault in found.recordings} == {
        "call/a.wav": True, "call/b.dat": True, "call/c": True, "call/broken.wav": True,
        "call/d.m4a": False,
    }  # fmt: skip
    assert found.by_content == ("call/b.dat", "call/c")
    said = describe_left_out(listing, found, "set")
    assert said == [
        "Left out as no recordings: 2 .txt, 1 without a suffix, 1 .part, 1 .lock "
        "(README, call/e.wav.part, clip.lock, …).",
        "Left out as hidden, or kept by a system: 1 (.git/).",
        "Recordings by their first bytes, not by their names: 1 .dat, 1 without a suffix "
        "(call/b.dat, call/c).",
    ]


def test_a_suffix_that_says_it_keeps_the_file_closed(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"x")
    (tmp_path / "b.dat").write_bytes(b"x")
    store = open_store(str(tmp_path))
    opened: list[str] = []

    class Watched:
        def read(self, name: str, at_most: int | None = None) -> bytes:
            opened.append(name)
            return store.read(name, at_most)

    sort_out(Watched(), store.listing())  # type: ignore[arg-type]
    assert opened == ["b.dat"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_and_links_to_nothing_are_counted(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    (tmp_path / ".#lock").symlink_to("somebody@host.1:2")
    store = open_store(str(tmp_path))
    listing = store.listing()
    said = describe_left_out(listing, sort_out(store, listing), "set")
    assert said == [
        "Left out as hidden, or kept by a system: 1 (.#lock).",
        "Left out: 1 × something that is a link to no file (gone.wav).",
        "Left out: 1 × something that is a pipe, a socket or a device (pipe).",
    ]
