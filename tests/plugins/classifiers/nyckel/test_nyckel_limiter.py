"""The limiter uses at least 95% of the rate and never passes it."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.classifiers.nyckel.limiter import Limiter


class Clock:
    """Time that passes only when somebody sleeps or says so."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def sent_times(rate, turns, late=lambda turn: 0.0):
    clock = Clock()
    limiter = Limiter(rate, 5, clock, clock.sleep)
    times = []
    for turn in range(turns):
        clock.now += late(turn)
        with limiter.turn():
            times.append(clock.now)
    return times


@pytest.mark.parametrize("rate", [1, 5, 25, 200])
def test_at_least_95_percent_of_the_rate(rate):
    times = sent_times(rate, 20 * rate)
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.95 * rate


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.lists(st.floats(0, 0.3), min_size=1, max_size=30))
def test_never_more_than_the_rate_in_any_second(rate, delays):
    times = sent_times(rate, 4 * rate + 10, lambda turn: delays[turn % len(delays)])
    for first, after in zip(times, times[rate:], strict=False):
        assert after - first >= 1.0 - 1e-9


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 0.015), min_size=1, max_size=30))
def test_small_delays_cost_no_rate(delays):
    times = sent_times(25, 300, lambda turn: delays[turn % len(delays)])
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.95 * 25


def arrivals(rate, turns, latency, stall, blocked):
    """Send through a network that holds everything back from `stall` on for a while."""
    clock = Clock()
    limiter = Limiter(rate, 1000, clock, clock.sleep)
    began, pending, arrived = clock.now, [], []

    def settle():
        for answered, turn in [each for each in pending if each[0] <= clock.now]:
            pending.remove((answered, turn))
            now, clock.now = clock.now, answered
            turn.__exit__(None, None, None)
            clock.now = now

    limiter._sleep = lambda seconds: (clock.sleep(min(seconds, 0.002)), settle())
    for _ in range(turns):
        turn = limiter.turn()
        turn.__enter__()
        at = clock.now + latency / 2
        held = began + stall <= at < began + stall + blocked
        arrived.append(began + stall + blocked if held else at)
        pending.append((arrived[-1] + latency / 2, turn))
    return arrived


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 0.4), st.floats(2, 5), st.floats(0.0, 2.0))
def test_a_network_that_stalls_once_brings_no_crowd(latency, stall, blocked):
    arrived = arrivals(25, 220, latency, stall, blocked)
    for first, after in zip(arrived, arrived[25:], strict=False):
        assert after - first >= 1.0 - 1e-9
    assert (len(arrived) - 1) / (arrived[-1] - arrived[0] - 2 * blocked) >= 0.95 * 25


def test_turns_are_even_so_that_no_way_of_counting_sees_a_burst():
    gaps = [after - before for before, after in pairwise(sent_times(25, 100))]
    assert max(gaps) == pytest.approx(min(gaps))


def test_a_pause_holds_everybody_back():
    clock = Clock()
    limiter = Limiter(1000, 5, clock, clock.sleep)
    limiter.pause(7.0)
    limiter.pause(2.0)
    with limiter.turn():
        assert clock.now >= 107.0


def test_closing_ends_all_waiting():
    limiter = Limiter(1, 5)
    limiter.pause(3600.0)
    threading.Timer(0.05, limiter.close).start()
    with limiter.turn():
        pass


def test_never_more_at_once_than_allowed():
    limiter = Limiter(100_000, 3)
    inside, most = [], []
    full = threading.Barrier(3)

    def work():
        with limiter.turn():
            inside.append(1)
            most.append(len(inside))
            full.wait(10)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 3
