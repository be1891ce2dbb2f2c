"""A file or folder that appears whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.files.whole import sweep_unfinished, whole_folder, write_whole


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    write_whole(path, "one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [each.name for each in path.parent.iterdir()] == ["a.txt"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    write_whole(path, "old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]


def test_content_is_on_the_disk_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    flush, rename = os.fsync, Path.replace

    def flushed(handle: int) -> None:
        done.append("flushed")
        flush(handle)

    def renamed(path: Path, target: Path) -> Path:
        done.append("renamed")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    write_whole(tmp_path / "a", "text")
    assert done == ["flushed", "renamed", "flushed"]
    done.clear()
    write_whole(tmp_path / "a", "text", durable=False)
    assert done == ["renamed"]


def test_a_folder_gets_its_name_when_all_is_in_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with whole_folder(home) as folder:
        (folder / "a").write_text("a")
        assert not home.exists()
    assert (home / "a").read_text() == "a"
    with pytest.raises(RuntimeError):
        _give_up(tmp_path / "other")
    assert [each.name for each in tmp_path.iterdir()] == ["home"]


def _give_up(home: Path) -> None:
    with whole_folder(home) as folder:
        (folder / "a").write_text("a")
        raise RuntimeError


def test_who_was_first_with_a_folder_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for text in ("first", "second"):
        with whole_folder(home) as folder:
            (folder / "a").write_text(text)
    assert (home / "a").read_text() == "first"
    assert [each.name for each in tmp_path.iterdir()] == ["home"]


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_a_killed_writer_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from harness.files.whole import whole_folder\n"
        "with whole_folder(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'a').write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "home")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "home").exists()


def test_what_was_left_half_written_long_ago_is_swept(tmp_path):
    for place in (tmp_path, tmp_path / "cells"):
        (place / ".new-old").mkdir(parents=True)
        (place / ".new-old" / "record.json").write_text("{")
        (place / ".new-file").write_text("{")
        (place / ".new-fresh").mkdir()
        (place / "kept").write_text("{}")
        for name in (".new-old", ".new-file", "kept"):
            os.utime(place / name, (0, 0))
    sweep_unfinished(tmp_path)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == [".new-fresh", "cells", "cells/.new-fresh", "cells/kept", "kept"]
