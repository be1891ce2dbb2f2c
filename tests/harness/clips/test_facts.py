"""What is known of a clip beside its samples: level, silence, clipping."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from harness.clips.facts import facts_of
from harness.values import Clip, Origin

RECORDED = Origin(44100.0, 2, 0.5, "wav")


def facts(samples, origin=None):
    return facts_of(Clip("x", np.atleast_2d(np.asarray(samples, np.float32)), 100.0, origin=origin))


@pytest.mark.parametrize(("amplitude", "level_db"), [(1.0, -3.0103), (0.1, -23.0103)])
def test_a_sine_has_its_known_level(amplitude, level_db):
    sine = amplitude * np.sin(2 * np.pi * np.arange(1000) / 20)
    assert facts(sine).level_db == pytest.approx(level_db, abs=1e-3)
    assert facts(sine).peak == pytest.approx(amplitude, rel=1e-6)


def test_an_offset_is_no_level():
    sine = 1e-4 * np.sin(2 * np.pi * np.arange(1000) / 20)
    assert facts(sine + 0.5).level_db == pytest.approx(facts(sine).level_db, abs=0.1)


def test_zeros_and_constants_are_told_apart_from_sound():
    assert facts([0, 0, 0]).silent
    assert not facts([0, 0, 0]).constant
    assert facts([0.2, 0.2]).constant
    assert not facts([0, 0, 1e-12]).silent
    assert not facts([0, 0, 1e-12]).constant


def test_channels_that_cancel_are_silent_when_mixed():
    noise = np.random.default_rng(0).normal(0, 0.1, 500)
    assert math.isinf(facts([noise, -noise]).mixed_db)
    assert facts([noise, noise]).mixed_db == pytest.approx(facts([noise, noise]).level_db, abs=1e-4)
    assert facts(noise).mixed_db is None


def test_full_scale_is_known_of_recordings_alone():
    square = np.repeat([1.0, -1.0, 0.5, 0.1], 25)
    assert facts(square, RECORDED).clipped == 0.5
    assert facts(square).clipped == 0.0
    assert facts(square * 0.9, RECORDED).clipped == 0.0


def test_the_origin_is_the_readers_or_else_the_clips_own():
    assert facts([1, 2], RECORDED).origin == RECORDED
    assert facts([1, 2]).origin == Origin(100.0, 1, 0.02)


@pytest.mark.parametrize("bits", [0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7F800001])
@pytest.mark.parametrize("count", [1, 7, 100])
@pytest.mark.filterwarnings("error")
def test_of_what_is_not_finite_nothing_is_known(bits, count):
    for place in {0, count // 2, count - 1}:
        samples = np.linspace(-1, 1, count, dtype=np.float32)
        samples.view(np.uint32)[place] = bits
        assert facts(samples) is None


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 2), st.integers(1, 40)),
        elements=st.floats(-(2.0**60), 2.0**60, width=32),
    )
)
@settings(max_examples=200, deadline=None)
def test_any_samples_have_facts_that_numpy_confirms(samples):
    found = facts(samples)
    power = float(np.var(samples.astype(np.float64)))
    assert found.peak == np.abs(samples).max()
    assert not math.isnan(found.level_db)
    if samples.min() == samples.max():
        assert math.isinf(found.level_db)
    elif power > 1e-3 * float(np.mean(samples.astype(np.float64) ** 2)) > 1e-20:
        assert found.level_db == pytest.approx(10 * math.log10(power), abs=0.05)
