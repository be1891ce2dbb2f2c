from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from harness.pictures.colours import colour
from harness.pictures.painted import Painted
from harness.values import Levels, Pictures


@pytest.fixture
def painted() -> Painted:
    rng = np.random.default_rng(0)
    planes = rng.integers(0, 256, (2, 5, 7)).astype(np.uint8)
    return Painted(Levels(planes, rng.integers(0, 256, (256, 3)).astype(np.uint8)), ("a", "b"))


def test_they_are_pictures_in_the_colours_of_their_levels(painted):
    assert isinstance(painted, Pictures)
    assert len(painted) == 2
    expected = colour(painted.levels.planes, painted.levels.table)
    np.testing.assert_array_equal(painted.pixels, expected)
    assert painted.pixels is painted.pixels


def test_nothing_of_them_can_be_changed(painted):
    for array in (painted.pixels, painted.levels.planes, painted.levels.table):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(FrozenInstanceError):
        painted.ids = ("c", "d")


def test_they_travel_to_other_processes(painted):
    again = pickle.loads(pickle.dumps(painted))
    assert again.ids == painted.ids
    np.testing.assert_array_equal(again.pixels, painted.pixels)


def test_pictures_of_pixels_alone_have_no_levels(painted):
    assert Pictures(painted.pixels, painted.ids).levels is None


def test_what_does_not_fit_is_refused(painted):
    with pytest.raises(ValueError, match="2 planes for 1 ids"):
        Painted(painted.levels, ("a",))
    with pytest.raises(ValueError, match=r"table must be \(256, 3\)"):
        Levels(painted.levels.planes, painted.levels.table[:9])


def test_what_is_made_once_is_handed_on_and_charged_to_each(painted, monkeypatch):
    clock = iter([10.0, 12.5])
    monkeypatch.setattr("harness.pictures.painted.time.perf_counter", lambda: next(clock))
    asked = []

    def floats(pictures, factor):
        asked.append(1)
        return pictures.levels.planes * float(factor)

    first, second = painted.afresh(), painted.afresh()
    made = first.once(floats, 2)
    assert second.once(floats, 2) is made
    assert (len(asked), first.spared_s, second.spared_s) == (1, 0.0, 2.5)
    assert not made.flags.writeable


def test_pictures_in_colours_make_it_each_time(painted):
    pictures = Pictures(painted.pixels, painted.ids)
    made = [pictures.once(lambda these: these.pixels.mean(axis=3)) for _ in range(2)]
    assert made[0] is not made[1]
    assert pictures.spared_s == 0.0
    assert not made[0].flags.writeable
