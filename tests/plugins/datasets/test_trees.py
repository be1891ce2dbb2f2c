"""Any tree of folders, in a zip: what is hidden, or no recording, gives no clip and no class."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import DatasetError
from plugins.datasets.labelled_folder import LabelledFolder
from plugins.datasets.side_words import role_of
from plugins.datasets.upcalls import Upcalls

HIDDEN = ["__MACOSX", ".git", "$RECYCLE.BIN", "@eaDir", ".Trash-1000", "__pycache__", "lost+found"]
PLAIN = ["call", "noise", "call ", "Call", "2019", "train", "test", "val", "fold1", "fold2", "x.y"]
ENDS = [".wav", ".WAV", "", ".dat", ".txt", ".md"]


def wave() -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.full(20, 0.25), 8000, format="WAV")
    return out.getvalue()


WAVE = wave()
folders = st.lists(st.sampled_from(PLAIN) | st.sampled_from(HIDDEN), max_size=4)
files = st.tuples(folders, st.sampled_from("abc"), st.sampled_from(ENDS), st.booleans())


@given(st.lists(files, max_size=12), st.booleans())
@settings(max_examples=60)
def test_any_tree_is_understood_or_refused(
    tree: list[tuple[list[str], str, str, bool]], folders_are_listed: bool
) -> None:
    truth: dict[str, bool] = {}
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "set.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for parents, stem, end, sound in tree:
                name = "/".join([*parents, stem + end])
                if name not in truth:
                    truth[name] = sound
                    archive.writestr(name, WAVE if sound else b"no recording")
                    home = "/".join(parents) + "/"
                    if folders_are_listed and parents and home not in archive.namelist():
                        archive.writestr(home, b"")
        _check(LabelledFolder(path=str(path), rate=8000), truth)


def _check(dataset: LabelledFolder, truth: dict[str, bool]) -> None:
    visible = {name for name in truth if not set(name.split("/")) & set(HIDDEN)}
    refused, entries = "", []
    try:
        entries = list(dataset.entries())
    except DatasetError as error:
        refused = str(error)
    assert bool(entries) != bool(refused)
    assert not refused or "No recordings" in refused or "no sub-folders" in refused
    if refused:
        return
    assert {entry.id for entry in entries} <= visible
    named = {name for name in visible if truth[name] or name.casefold().endswith(".wav")}
    left_out = named - {entry.id for entry in entries}
    remarks = " ".join(dataset.remarks(entries))
    assert not left_out or "which lie in no class folder" in remarks
    for entry in entries:
        assert entry.id in named
        if entry.fault is None:
            assert entry.label in {part.strip() for part in entry.id.split("/")[:-1]}
            assert entry.side is None or any(map(role_of, entry.id.split("/")))
    assert list(dataset.entries()) == entries


def test_a_dataset_has_no_remarks_unless_it_says_so() -> None:
    dataset = Upcalls(clips=4)
    assert list(dataset.remarks(dataset.entries())) == []
