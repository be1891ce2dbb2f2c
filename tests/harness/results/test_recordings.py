"""Windows and selections beside a run's clips: read back exactly, checked, carried along."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.analysis.hearing import open_scene
from harness.cli.dispatch import dispatch
from harness.errors import DatasetError, PlanError, StoreError
from harness.results.recordings import (
    Recordings,
    Window,
    read_recordings,
    recordings_digest,
    recordings_file,
)
from harness.results.store import find_run
from harness.values import Missing, Selection

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)
TIME = st.floats(0, 1e6, allow_nan=False)
SOUNDSCAPE = "soundscape[recordings=2,minutes=0.5,sites=2,calls_per_hour=600]"


@given(
    windows=st.lists(
        st.builds(Window, TEXT, TEXT, TIME, TIME, st.none() | TIME.filter(bool)), max_size=5
    ),
    selections=st.lists(st.builds(Selection, TEXT, TIME, TIME, TEXT), max_size=5),
)
@settings(max_examples=40, deadline=None)
def test_they_read_back_exactly(tmp_path_factory, windows, selections):
    first = Recordings(tuple(windows), tuple(selections))
    text = first.written()
    path = tmp_path_factory.mktemp("recordings") / "r.csv"
    path.write_bytes(text.encode())
    assert read_recordings(path, recordings_digest(text)) == (text, first)


def test_no_cell_begins_a_formula():
    evil = "=cmd|' /C calc'!A0"
    text = Recordings((Window(evil, evil, 0, 1),), (Selection(evil, 0, 1, evil),)).written()
    cells = [cell for line in text.splitlines() for cell in line.split(",")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_what_was_changed_is_refused(tmp_path):
    text = Recordings((), (Selection("a.wav", 0, 1, "call"),)).written()
    path = tmp_path / "r.csv"
    path.write_text(text.replace("call", "ship"))
    with pytest.raises(StoreError, match=r"r\.csv was changed"):
        read_recordings(path, recordings_digest(text))
    path.unlink()
    with pytest.raises(StoreError, match=r"r\.csv cannot be read"):
        read_recordings(path, recordings_digest(text))


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "g" * 64, "a" * 63])
def test_what_is_no_digest_names_no_file(tmp_path, digest):
    with pytest.raises(StoreError, match="no digest"):
        recordings_file(tmp_path, digest)


@pytest.fixture(scope="module")
def finished(run_in, tmp_path_factory):
    root = tmp_path_factory.mktemp("recordings")
    run, _, _ = run_in(root)(
        dataset=SOUNDSCAPE, representations=["spectrogram"], classifiers=["nearest-mean"]
    )
    return run, root


def test_a_run_keeps_where_its_windows_lie_and_what_is_marked(finished):
    run, _ = finished
    found = run.recordings()
    assert {each.clip for each in found.windows} == set(run.labels())
    assert {each.stands_for_s for each in found.windows} == {1.0}
    assert {each.label for each in found.selections} == {"upcall"}
    assert all(each.recording.startswith("site") for each in found.selections)
    scene = open_scene(run)
    assert scene.labels == ["upcall"]
    assert len(scene.marks("upcall")[0]) == len(found.selections)


def test_clips_of_no_recordings_have_none(run_in, tmp_path):
    run, _, _ = run_in(tmp_path)(representations=["levels"], classifiers=["nearest-mean"])
    assert isinstance(run.recordings(), Missing)
    assert not (run.folder / "recordings").exists()
    with pytest.raises(PlanError, match="no events to judge"):
        open_scene(run)


def test_merging_takes_what_is_marked_along(finished, tmp_path):
    run, root = finished
    results = tmp_path / "elsewhere"
    results.mkdir()
    assert dispatch(["runs", "merge", str(root / "results"), "--results", str(results)]) == 0
    assert find_run(results, None).recordings() == run.recordings()


class Marked:
    """Stands for a dataset that says something of its selections."""

    name = "stranger"

    def __init__(self, found):
        self.found = found

    def selections(self, entries):
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


@pytest.mark.parametrize(
    "found",
    [
        ["call"],
        [Selection("a.wav", 2, 1, "call")],
        [Selection("a.wav", 0, float("inf"), "call")],
        [Selection("a.wav", float("nan"), 1, "call")],
        [Selection("a.wav", -1, 1, "call")],
        [Selection("a.wav", 0, 1, None)],
        KeyError("x"),
        7,
    ],
)
def test_a_strangers_selections_are_checked(found):
    from harness.clips.collection import Collection
    from harness.clips.readings import Reading
    from harness.values import Entry

    entry = Entry("a", "call", span=("a.wav", 0.0, 1.0))
    with pytest.raises(DatasetError, match="stranger"):
        _ = Collection(Marked(found), (entry,), (Reading(),)).selections


def test_what_is_marked_in_other_recordings_is_left_out():
    from harness.clips.collection import Collection
    from harness.clips.readings import Reading
    from harness.values import Entry

    marks = [Selection("a.wav", 0, 1, "call"), Selection("b.wav", 0, 1, "call")]
    entry = Entry("a", "call", span=("a.wav", 0.0, 1.0))
    assert Collection(Marked(marks), (entry,), (Reading(),)).selections == (marks[0],)
    assert Collection(Marked(marks), (Entry("a", "call"),), (Reading(),)).selections == ()
