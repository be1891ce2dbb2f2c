"""A Dask worker watches itself seldom while it has a seat; memory of processes below is seen."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import psutil

from plugins.engines.dask import upkeep
from plugins.engines.dask.upkeep import SELDOM_MS, Appetite, slow_down, speed_up


def worker(**paces: float) -> SimpleNamespace:
    watches = {name: SimpleNamespace(callback_time=pace) for name, pace in paces.items()}
    return SimpleNamespace(periodic_callbacks=watches)


def paces(of: SimpleNamespace) -> dict[str, float]:
    return {name: each.callback_time for name, each in of.periodic_callbacks.items()}


def test_a_worker_watches_itself_seldom_and_then_as_before() -> None:
    one = worker(profile=10.0, tick=20.0, heartbeat=500.0)
    slow_down(one)
    slow_down(one)  # a second run on the same worker
    assert paces(one) == {"profile": SELDOM_MS, "tick": SELDOM_MS, "heartbeat": 500.0}
    speed_up(one)
    speed_up(one)
    assert paces(one) == {"profile": 10.0, "tick": 20.0, "heartbeat": 500.0}


def test_what_is_seldom_or_absent_is_left_alone() -> None:
    one = worker(tick=5000.0)
    slow_down(one)
    assert paces(one) == {"tick": 5000.0}


BIG = "held = bytearray(200_000_000); print(len(held), flush=True); input()"


def test_the_memory_of_processes_below_is_seen_whenever_they_began(monkeypatch) -> None:
    monkeypatch.setattr(upkeep, "LISTED_EVERY_S", 0.0)
    appetite = Appetite()
    before = appetite.taken()
    with subprocess.Popen(
        [sys.executable, "-c", BIG], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert appetite.taken() - before > 190_000_000
        known = list(appetite.known)
        child.communicate(b"\n")
    monkeypatch.setattr(upkeep, "LISTED_EVERY_S", 1e9)
    appetite.known = known
    assert not psutil.pid_exists(child.pid)
    assert appetite.taken() - before < 190_000_000
