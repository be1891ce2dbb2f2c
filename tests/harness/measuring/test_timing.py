"""Seconds of stages, clip by clip."""

from __future__ import annotations

import pytest

from harness.measuring.timing import Lap, StageTime, Stopwatch, summarise


def test_laps_weigh_as_many_clips_as_they_had():
    found = summarise([Lap(1.0, 10), Lap(1.0, 1)])
    assert found.total_s == 2.0
    assert found.clips == 11
    assert found.median_ms == pytest.approx(100)
    assert summarise([Lap(0.1, 19), Lap(1.0, 1)]).p95_ms < 1000


def test_a_stage_without_clips_still_counts_its_seconds():
    assert summarise([Lap(3.0, 0)]) == StageTime(3.0, 0)


def test_a_watch_collects_by_stage_in_the_order_of_a_run():
    watch = Stopwatch()
    with watch.stage("predict", 2):
        pass
    with pytest.raises(RuntimeError), watch.stage("fit", 2):
        raise RuntimeError
    watch.add("load", Lap(5.0, 2))
    assert list(watch.summary()) == ["load", "fit", "predict"]
    assert watch.summary()["load"].total_s == 5.0
