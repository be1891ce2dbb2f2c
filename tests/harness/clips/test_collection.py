"""Every clip read once: hashed by what it holds, bad ones listed with their reason."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from harness.clips import blocks
from harness.clips.blocks import ReadingTask, content_hash, read_block, read_clips
from harness.clips.collection import collect
from harness.contracts import Dataset
from harness.errors import BadClip, BadClips, DatasetError
from harness.values import Clip, Entry


class Shelf(Dataset):
    """A dataset of given samples; an exception instead of samples is raised."""

    name = "shelf"

    def __init__(self, samples, entries=None):
        object.__setattr__(self, "samples", samples)
        labels = ["a", "b"] * len(samples)
        listed = entries or [Entry(f"{n}", labels[n]) for n in range(len(samples))]
        object.__setattr__(self, "listed", listed)

    def entries(self):
        return self.listed

    def read(self, entry):
        samples = self.samples[int(entry.id)]
        if isinstance(samples, Exception):
            raise samples
        return Clip(entry.id, np.atleast_2d(np.asarray(samples, np.float32)), 100.0)


def read_here(tasks):
    return map(read_block, tasks)


def gather(shelf, skip_bad=False):
    return collect(shelf, skip_bad, read_here)


def clip(samples, rate=100.0):
    return Clip("x", np.atleast_2d(np.asarray(samples, np.float32)), rate)


def test_the_hash_is_of_samples_shape_and_rate_alone():
    base = content_hash(clip([1, 2, 3, 4]))
    assert content_hash(Clip("y", clip([1, 2, 3, 4]).samples, 100.0, "label", "group")) == base
    assert content_hash(clip([1, 2, 3, 5])) != base
    assert content_hash(clip([[1, 2], [3, 4]])) != base
    assert content_hash(clip([1, 2, 3, 4], 200.0)) != base


def test_a_hash_stays_what_it_was():
    assert content_hash(clip([1, 2, 3, 4])) == "95d4adeb99f07ceaecdee6b09adb76cb"
    assert content_hash(clip(np.ones((4, 2)).T, 44100)) == "271c9a9c59c49b08bff79b82d09498a2"


@pytest.mark.parametrize("held", [0, 16, 2**20])
def test_clips_come_in_order_however_few_are_held_at_a_time(held, monkeypatch):
    samples = [[n] * (n % 5) or BadClip("is odd") if n % 7 else [np.nan] for n in range(40)]
    monkeypatch.setattr(blocks, "FEW_BYTES", held)
    shelf = Shelf(samples)
    readings, clips = read_clips(ReadingTask(shelf, shelf.listed))
    assert [each is None for each in clips] == [not n % 7 or not n % 5 for n in range(40)]
    assert [each.samples[0, 0] for each in clips if each is not None] == [
        n for n in range(40) if n % 7 and n % 5
    ]
    assert [bool(each.fault) for each in readings] == [each is None for each in clips]
    lengths = [each.length for each in readings]
    assert lengths == [0 if each is None else each.samples.shape[1] for each in clips]
    assert read_block(ReadingTask(shelf, shelf.listed)).texts() == readings.texts()


def test_what_was_read_is_known():
    found = gather(Shelf([[1, 2, 3], [4, 5]]))
    assert [reading.length for reading in found.readings] == [3, 2]
    assert found.counts == {"a": 1, "b": 1}
    assert found.classes == ("a", "b")
    assert set(found.contents) == {"0", "1"}


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        ([], "zero samples"),
        ([1, np.nan], "not finite"),
        ([1, np.inf], "not finite"),
        (BadClip("is truncated"), "is truncated"),
        (OSError("[Errno 5]"), "cannot be read: OSError"),
    ],
)
def test_each_kind_of_bad_clip_is_listed(samples, why):
    shelf = Shelf([[1], [2], samples, [3]])
    with pytest.raises(BadClips, match=why) as caught:
        gather(shelf)
    assert [fault.where for fault in caught.value.faults] == ["2"]
    found = gather(shelf, skip_bad=True)
    assert [entry.id for entry in found.entries] == ["0", "1", "3"]
    assert [fault.where for fault in found.left_out] == ["2"]


def test_a_fault_of_the_listing_is_never_read():
    entries = [
        Entry("0", "a"),
        Entry("7", "b", where="row 7", fault="has no file"),
        Entry("1", "b"),
    ]
    with pytest.raises(BadClips, match="row 7: has no file"):
        gather(Shelf([[1], [2]], entries))


def test_repeated_ids_are_refused():
    with pytest.raises(DatasetError, match="more than once"):
        gather(Shelf([[1], [2]], [Entry("0", "a"), Entry("0", "b")]))


def test_the_digest_ignores_order_and_sees_labels():
    entries = [Entry("0", "a"), Entry("1", "b")]
    base = gather(Shelf([[1], [2]], entries)).digest()
    assert gather(Shelf([[1], [2]], entries[::-1])).digest() == base
    assert gather(Shelf([[1], [2]], [Entry("0", "b"), Entry("1", "a")])).digest() != base
    assert gather(Shelf([[1], [3]], entries)).digest() != base


class Spelt(Shelf):
    """Each clip sounds as its id is spelt."""

    def __init__(self, entries):
        super().__init__((), entries)

    def read(self, entry):
        return Clip(entry.id, np.array([list(map(ord, entry.id))], np.float32), 100.0)


@pytest.mark.parametrize("names", [("x", "é", "\U0001f40b", "9"), ("a\0b", "a", "a\0", "b")])
def test_the_digest_hashes_a_line_a_clip(names):
    entries = [Entry(name, "ab"[row % 2], None, 1.5 * row) for row, name in enumerate(names)]
    entries[1] = replace(entries[1], group="tape", position=None)
    found = gather(Spelt(entries))
    lines = [
        f"{e.id}\0{e.label}\0{e.group or ''}\0{found.contents[e.id]}\0{e.position!r}".encode()
        for e in entries
    ]
    expected = hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()
    assert found.digest() == expected
    assert found.digest(dict.fromkeys(names[:2])) != expected
