"""What is odd in clips, found in clips made odd."""

from __future__ import annotations

import numpy as np
import pytest

from harness.clips.blocks import read_block
from harness.clips.collection import collect
from harness.clips.oddities import find_oddities, labels_alike
from harness.contracts import Dataset
from harness.values import Clip, Entry, Origin

NOISE = np.random.default_rng(3)


class Odd(Dataset):
    """A dataset of given clips: label, samples, and how they were recorded."""

    name = "odd"

    def __init__(self, clips, says=()):
        object.__setattr__(self, "clips", clips)
        object.__setattr__(self, "says", says)

    def entries(self):
        return [Entry(f"{n}", label) for n, (label, *_) in enumerate(self.clips)]

    def remarks(self, entries):
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def read(self, entry):
        _, samples, *more = self.clips[int(entry.id)]
        origin, note = (*more, None, "")[:2]
        samples = np.atleast_2d(np.asarray(samples, np.float32))
        return Clip(entry.id, samples, 8000.0, entry.label, None, note, origin)


def wav(rate=8000.0, channels=1, seconds=1.0):
    return Origin(rate, channels, seconds, "wav")


def noise(size=400, amplitude=0.1):
    return NOISE.normal(0, amplitude, size)


def found(clips, says=()):
    return find_oddities(collect(Odd(clips, says), False, lambda tasks: map(read_block, tasks)))


def test_sound_clips_have_nothing_odd():
    odd = found([(label, noise(), wav()) for label in "ab" * 10])
    assert (
        odd.silent == odd.clipped == odd.lengths == odd.shared == odd.alike == odd.telltales == ()
    )
    assert odd.notes == odd.remarks == ()
    assert (odd.resampled, odd.copies) == (0, 0)


@pytest.mark.parametrize(
    ("samples", "origin", "words"),
    [
        (np.zeros(400), wav(), "all samples are zero"),
        (np.zeros(400), wav(channels=2), "channels mixed"),
        (np.full(400, 0.3), wav(), "all samples are the same"),
        (noise(400, 3e-5), wav(), "below full scale"),
        ([[0.1, -0.1] * 200, [-0.1, 0.1] * 200], wav(channels=2), "cancel each other"),
        (noise(400, 1e-7), None, "below the usual clip"),
    ],
)
def test_silence_of_every_kind_is_named(samples, origin, words):
    others = [(label, noise(), origin and wav()) for label in "ab" * 5]
    (odd,) = found([*others, ("a", samples, origin)]).silent
    assert words in odd.what
    assert "silent" in odd.what
    assert odd.clips == ("10",)


def test_a_series_in_small_units_is_not_silent():
    assert found([(label, noise(400, 1e-9)) for label in "ab" * 5]).silent == ()


def test_clips_at_full_scale_are_counted():
    loud = np.clip(noise(400, 2.0), -1, 1)
    (odd,) = found([("a", loud, wav()), ("b", noise(), wav()), ("a", noise(), wav())]).clipped
    assert odd.clips == ("0",)


def test_clips_far_from_the_usual_length_are_named():
    usual = [(label, noise(), wav(seconds=2.0)) for label in "ab" * 5]
    near = [("a", noise(), wav(seconds=8.0)), ("b", noise(), wav(seconds=0.5))]
    assert found([*usual, *near]).lengths == ()
    far = [("a", noise(), wav(seconds=8.1)), ("b", noise(), wav(seconds=0.4))]
    longer, shorter = found([*usual, *far]).lengths
    assert longer.clips == ("10",)
    assert shorter.clips == ("11",)
    assert longer.what == "more than 4 times as long as the usual clip (2 s)"
    assert shorter.what == "less than a quarter of the usual clip (2 s)"


def test_a_recording_in_two_classes_is_named_with_its_classes():
    same = noise()
    odd = found([("a", same), ("b", same), ("a", same), ("b", noise())])
    (shared,) = odd.shared
    assert shared.clips == ("0", "1", "2")
    assert shared.labels == ("a", "b")
    assert odd.copies == 2


def test_copies_within_a_class_contradict_nothing():
    same = noise()
    odd = found([("a", same), ("a", same), ("b", noise())])
    assert odd.shared == ()
    assert odd.copies == 1


def test_classes_say_how_they_were_recorded():
    clips = [("a", noise(), wav(8000.0, 1, 1.0))] * 2 + [("a", noise(), wav(8000.0, 1, 3.0))]
    clips += [("b", noise(), wav(16000.0, 2, 2.0))]
    odd = found(clips)
    first, second = odd.by_class
    assert (first.label, first.clips, first.rates_hz) == ("a", 3, ((8000.0, 3),))
    assert (first.shortest_s, first.median_s, first.longest_s) == (1.0, 1.0, 3.0)
    assert (second.rates_hz, second.channels) == (((16000.0, 1),), ((2, 1),))
    assert second.kinds == (("wav", 1),)
    assert odd.resampled == 1


def test_labels_that_look_alike_are_named():
    alike = labels_alike(["call", "Call ", "no ise", "noise", "caf\u00e9", "cafe\u0301", "other"])
    assert alike == (("call", "Call "), ("no ise", "noise"), ("caf\u00e9", "cafe\u0301"))


def test_notes_are_counted_by_what_they_say_without_their_numbers():
    clips = [("ab"[n % 2], noise(), wav(), f"its header promises {n} bytes") for n in range(6)]
    (note,) = found(clips).notes
    assert note.what == "its header promises 0 bytes"
    assert len(note.clips) == 6


def test_remarks_of_the_dataset_are_kept_and_its_faults_told():
    clips = [("a", noise()), ("b", noise())]
    assert found(clips, ["3 files\nwere left out"]).remarks == ("3 files were left out",)
    assert "cannot say" in found(clips, ValueError("broken")).remarks[0]
