"""Folders and zips are read by name, and never outside of themselves."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import BadClip, DatasetError
from plugins.datasets import folders
from plugins.datasets.file_names import climbing, hidden_part, is_audio, natural_order
from plugins.datasets.folders import AGAIN, CIRCLE, NOWHERE, SPECIAL, FolderStore
from plugins.datasets.stores import open_store
from plugins.datasets.zips import ZipStore

FILES = {"a/clip2.wav": b"two", "a/clip10.wav": b"ten" * 500, "b/x.wav": b""}
JUNK = ["__MACOSX/a/._clip2.wav", "a/._clip2.wav", ".DS_Store", "a/.DS_Store", "b/Thumbs.db"]


@pytest.fixture(params=["folder", "stored", "deflated", "bzip2"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FolderStore | ZipStore:
    if request.param == "folder":
        for name in [*FILES, *JUNK]:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(FILES.get(name, b"junk"))
        return open_store(str(tmp_path))
    method = {"stored": 0, "deflated": zipfile.ZIP_DEFLATED, "bzip2": zipfile.ZIP_BZIP2}
    return open_store(make_zip(tmp_path / "s.zip", method[request.param]))


def make_zip(path: Path, method: int = zipfile.ZIP_DEFLATED) -> str:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a/", b"")
        for name in [*FILES, *JUNK]:
            archive.writestr(name, FILES.get(name, b"junk"))
    return str(path)


def test_listing_leaves_out_junk_and_sorts_naturally(store: FolderStore | ZipStore) -> None:
    listing = store.listing()
    assert list(listing.files) == [(name, None) for name in FILES]
    assert listing.folders == ("a", "b")
    assert set(listing.hidden) == {"__MACOSX/", "a/._clip2.wav", ".DS_Store", "a/.DS_Store",
                                   "b/Thumbs.db"}  # fmt: skip


def test_files_come_back_whole_or_their_beginning(store: FolderStore | ZipStore) -> None:
    for name, data in FILES.items():
        assert store.read(name) == data
        assert store.read(name, 5) == data[:5]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../secret.wav", "climbs out"),
        ("a/../../secret.wav", "climbs out"),
        ("..\\secret.wav", "climbs out"),
        ("/etc/passwd", "absolute"),
        ("C:\\secret.wav", "absolute"),
        ("\\\\server\\secret.wav", "absolute"),
        ("a\0.wav", "NUL"),
    ],
)
def test_names_that_climb_out_have_a_fault(
    store: FolderStore | ZipStore, name: str, reason: str
) -> None:
    assert reason in (store.fault(name) or "")


@pytest.mark.parametrize("name", ["../secret.wav", "a/../../secret.wav"])
def test_names_that_climb_out_are_not_read(store: FolderStore | ZipStore, name: str) -> None:
    with pytest.raises(BadClip, match="climbs out"):
        store.read(name)


def test_a_missing_file_is_told(store: FolderStore | ZipStore) -> None:
    assert store.fault("a/none.wav")
    with pytest.raises(BadClip):
        store.read("a/none.wav")


def test_a_zip_with_climbing_members_lists_them_with_faults(tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("ok/a.wav", "../../up.wav", "/abs.wav", "C:/drive.wav", "in\\side.wav"):
            archive.writestr(name, b"x")
        link = zipfile.ZipInfo("ok/link.wav")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, b"/etc/passwd")
    faults = dict(open_store(str(path)).listing().files)
    assert faults["ok/a.wav"] is None
    assert faults["in/side.wav"] is None
    assert "climbs out" in str(faults["../../up.wav"])
    assert "absolute" in str(faults["/abs.wav"])
    assert "absolute" in str(faults["C:/drive.wav"])
    assert "link" in str(faults["ok/link.wav"])


def test_a_zip_with_one_name_twice_says_so(tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.wav", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.wav", b"2")
    assert "twice" in str(dict(open_store(str(path)).listing().files)["a.wav"])


def test_a_damaged_member_is_told(tmp_path: Path) -> None:
    path = Path(make_zip(tmp_path / "d.zip", zipfile.ZIP_STORED))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"tententen", b"tenTENten", 1))
    with pytest.raises(BadClip, match="damaged in the zip"):
        open_store(str(path)).read("a/clip10.wav")


def test_a_member_larger_than_promised_is_not_inflated(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wav", b"\0" * 10_000_000)
    size = (10_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(BadClip, match="not what was promised"):
        open_store(str(path)).read("a.wav")


def test_a_zip_that_changes_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    for content in (b"old", b"newer"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.wav", content)
        assert open_store(str(path)).read("a.wav") == content


def test_the_directory_of_a_zip_is_parsed_once_in_a_process(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "s.zip")
    assert open_store(path) is open_store(path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_zip_opened_before_a_fork_serves_all_processes(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    names = [f"{number}.wav" for number in range(200)]
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, name * 300)
    opened = open_store(str(path))
    assert opened.read("0.wav") == b"0.wav" * 300
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        assert all(pool.map(_reads_right, [str(path)] * 200, names, chunksize=1))


def _reads_right(path: str, name: str) -> bool:
    return open_store(path).read(name) == name.encode() * 300


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """Make a folder with every kind of link, beside a folder outside of it."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "a" / "deep").mkdir(parents=True)
    outside.mkdir()
    (outside / "far.wav").write_bytes(b"far")
    (root / "a" / "real.wav").write_bytes(b"real")
    for name, target in (
        ("inside.wav", root / "a" / "real.wav"),
        ("leaves.wav", outside / "far.wav"),
        ("notes.txt", outside / "far.wav"),
        ("broken.wav", root / "none.wav"),
        ("self.wav", root / "self.wav"),
        ("whole", outside),
        ("again", root / "a"),
        ("up", tmp_path),
        ("a/deep/circle", root),
    ):
        (root / name).symlink_to(target)
    return root


def test_links_that_lead_out_are_followed_where_a_person_named_the_folder(linked: Path) -> None:
    store = open_store(str(linked), leave=True)
    listing = store.listing()
    assert [each.name for each in listing.files] == [
        "a/real.wav", "inside.wav", "leaves.wav", "notes.txt", "whole/far.wav",
    ]  # fmt: skip
    assert not [each for each in listing.files if each.fault]
    assert listing.outside == ("leaves.wav", "notes.txt", "whole")
    assert dict(listing.others) == {
        "broken.wav": NOWHERE,
        "self.wav": NOWHERE,
        "again": AGAIN,
        "up": CIRCLE,
        "a/deep/circle": CIRCLE,
    }
    assert store.read("whole/far.wav") == store.read("leaves.wav") == b"far"


def test_links_that_lead_out_are_refused_where_a_table_names_files(linked: Path) -> None:
    store = open_store(str(linked))
    listing = store.listing()
    faults = dict(listing.files)
    assert faults["a/real.wav"] is None
    assert faults["inside.wav"] is None
    assert "leaves the folder" in str(faults["leaves.wav"])
    assert "leaves the folder" in str(faults["whole"])
    assert "leaves the folder" in str(dict(listing.others)["notes.txt"])
    assert store.read("inside.wav") == b"real"
    assert "leaves the folder" in str(store.fault("whole/far.wav"))
    for name in ("leaves.wav", "whole/far.wav"):
        with pytest.raises(BadClip, match="leaves the folder"):
            store.read(name)


def test_a_link_that_took_the_place_of_a_file_is_seen(linked: Path) -> None:
    store = open_store(str(linked))
    assert store.read("a/real.wav") == b"real"
    (linked / "a/real.wav").unlink()
    (linked / "a/real.wav").symlink_to(linked.parent / "outside" / "far.wav")
    with pytest.raises(BadClip, match="leaves the folder"):
        store.read("a/real.wav")
    assert open_store(str(linked), leave=True).read("a/real.wav") == b"far"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_that_took_the_place_of_a_file_is_not_waited_for(linked: Path) -> None:
    store = open_store(str(linked))
    assert store.read("a/real.wav", 2) == b"re"
    (linked / "a/real.wav").unlink()
    os.mkfifo(linked / "a/real.wav")
    with pytest.raises(BadClip, match=SPECIAL):
        store.read("a/real.wav")


@pytest.mark.parametrize("plain", [True, False])
def test_both_ways_to_read_a_file_say_the_same(
    linked: Path, plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(linked)
    store.read("a/real.wav")
    if not plain:
        monkeypatch.setattr(folders, "_PLAIN", 0)
    (linked / "a/link.wav").symlink_to(linked / "a" / "real.wav")
    for name in ("a/real.wav", "a/link.wav"):
        assert (store.read(name), store.read(name, 2)) == (b"real", b"re")
    for name, why in (("a/none.wav", "No such file"), ("a/deep", "Is a directory")):
        with pytest.raises(BadClip, match=f"^cannot be read: {why}"):
            store.read(name)
    monkeypatch.setattr(folders, "LARGEST_FILE", 3)
    assert store.read("a/real.wav", 2) == b"re"
    with pytest.raises(BadClip, match="larger than 2 GiB"):
        store.read("a/real.wav")


@pytest.mark.skipif(sys.platform != "linux", reason="such files exist on Linux only")
def test_a_file_that_does_not_say_its_size_is_read_to_its_end() -> None:
    store = FolderStore(Path("/proc/self"))
    for _ in range(2):
        assert b"VmPeak" in store.read("status")


def test_many_links_between_folders_list_each_folder_once(tmp_path: Path) -> None:
    for here in range(7):
        (tmp_path / f"f{here}").mkdir()
        (tmp_path / f"f{here}" / "x.wav").write_bytes(b"x")
        for there in range(7):
            (tmp_path / f"f{here}" / f"to{there}").symlink_to(tmp_path / f"f{there}")
    listing = open_store(str(tmp_path), leave=True).listing()
    assert [each.name for each in listing.files] == [f"f{here}/x.wav" for here in range(7)]


def test_folders_as_deep_as_a_path_can_be_are_listed(tmp_path: Path) -> None:
    depth = 1100
    names = "/".join(["d"] * depth)
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    (tmp_path / names / "x.wav").write_bytes(b"x")
    try:
        listed = open_store(str(tmp_path)).listing().files
        assert [each.name for each in listed] == [f"{names}/x.wav"]
    finally:  # what clears temporary folders goes down by recursion
        (tmp_path / names / "x.wav").unlink()
        os.removedirs(tmp_path / names)


@pytest.mark.skipif(sys.platform != "linux", reason="such names exist on Linux only")
def test_a_name_that_is_no_unicode_is_listed_with_a_fault(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.wav")).write_bytes(b"x")
    ((name, fault),) = open_store(str(tmp_path)).listing().files
    assert name.encode("utf-8")
    assert "not valid Unicode" in str(fault)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    listing = open_store(str(tmp_path)).listing()
    assert (listing.files, listing.others) == ((), (("pipe.wav", SPECIAL),))


def test_what_is_neither_folder_nor_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"No folder or zip .*nowhere.*check the path"):
        open_store(str(tmp_path / "nowhere"))
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(DatasetError, match="neither a folder nor a zip"):
        open_store(str(tmp_path / "text.zip"))


def test_a_zip_without_its_end_is_refused(tmp_path: Path) -> None:
    path = Path(make_zip(tmp_path / "s.zip"))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DatasetError, match="download it again"):
        open_store(str(path))


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_natural_order_is_the_order_of_numbers(numbers: list[int]) -> None:
    names = sorted((f"clip{number}.wav" for number in numbers), key=natural_order)
    assert names == [f"clip{number}.wav" for number in sorted(numbers)]


@given(st.text())
def test_natural_order_takes_any_text(name: str) -> None:
    assert natural_order(name) <= natural_order(name + "0")


@given(st.lists(st.sampled_from(["..", "a", ".", "b.wav", ""]), min_size=1), st.sampled_from("/\\"))
def test_a_name_without_climb_stays_inside(parts: list[str], separator: str) -> None:
    name = separator.join(parts)
    if climbing(name) is None:
        inside = os.path.normpath("/root/" + name.replace("\\", "/"))
        assert inside == "/root" or inside.startswith("/root/")


@given(st.text("aC:./\\\0", max_size=8))
def test_just_the_names_that_may_lead_out_are_refused(name: str) -> None:
    plain = name.replace("\\", "/")
    absolute = plain.startswith("/") or (plain[:1].isalpha() and plain[1:2] == ":")
    refused = absolute or ".." in plain.split("/") or "\0" in plain
    assert (climbing(name) is not None) == refused


def test_natural_order_takes_numbers_longer_than_python_reads() -> None:
    long = "9" * 5000
    assert natural_order(f"a{long}") > natural_order(f"a{long[1:]}")


def test_recordings_are_told_by_name() -> None:
    assert all(is_audio(name) for name in ("a.wav", "b/C.AIFF", "x.y.Flac", "m.mp3", "o.au"))
    assert not any(is_audio(name) for name in ("README.md", "wav", "a.wav.txt"))


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("__MACOSX/a/._b.wav", "__MACOSX/"),
        ("call/.ipynb_checkpoints/b.wav", "call/.ipynb_checkpoints/"),
        ("$RECYCLE.BIN/S-1/a.wav", "$RECYCLE.BIN/"),
        ("x/System Volume Information/a.wav", "x/System Volume Information/"),
        ("x/@eaDir/a.wav", "x/@eaDir/"),
        (".Trash-1000/files/a.wav", ".Trash-1000/"),
        ("lost+found/a.wav", "lost+found/"),
        ("call/Desktop.ini", "call/Desktop.ini"),
        ("call/a.wav~", "call/a.wav~"),
        ("a/_b.wav", None),
        ("a/./b.wav", None),
    ],
)
def test_hidden_files_and_folders_are_told_by_name(name: str, hidden: str | None) -> None:
    assert hidden_part(name) == hidden


def test_a_zip_of_macos_keeps_its_accents(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    name = "épaulard/a.wav"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
    path.write_bytes(_without_utf8_flag(path.read_bytes()))
    store = open_store(str(path))
    assert [each.name for each in store.listing().files] == [name]
    assert store.read(name) == b"x"


def _without_utf8_flag(data: bytes) -> bytes:
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    changed = bytearray(data)
    changed[local + 7] &= ~8
    changed[central + 9] &= ~8
    return bytes(changed)


def test_a_zip_lists_names_without_their_dots_and_its_empty_folders(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("./call//a.wav", b"x")
        archive.writestr("whistle/", b"")
        archive.writestr("up/../../b/", b"")
    listing = open_store(str(path)).listing()
    assert listing.files == (("call/a.wav", None),)
    assert listing.folders == ("call", "whistle")
    assert open_store(str(path)).read("call/a.wav") == b"x"


def test_listing_imports_no_sound_library() -> None:
    code = (
        "import sys, plugins.datasets.labelled_folder, plugins.datasets.right_whale, "
        "plugins.datasets.manifest, plugins.datasets.time_series, plugins.datasets.upcalls;"
        "print([n for n in ('scipy', 'soundfile', 'soxr', 'pandas', 'pyarrow', 'aeon') "
        "if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
