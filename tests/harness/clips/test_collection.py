"""Every clip read once: hashed by what it holds, bad ones listed with their reason."""

from __future__ import annotations

import numpy as np
import pytest

from harness.clips.collection import collect, content_hash, read_block
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
