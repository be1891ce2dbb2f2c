from __future__ import annotations

import subprocess
import sys

import pytest

from harness.running import nursery

BORN_LATE = """
import multiprocessing, sys
sys.orig_argv = ["python", "-c", "from multiprocessing.forkserver import main"]
from harness.running import nursery
{deed}
"""
NO_LOCK = """
from multiprocessing import synchronize
state = (1, 1, 1, "/mp-there-is-no-such-lock")
lock = synchronize.SemLock.__new__(synchronize.SemLock)
lock.__setstate__(state)
"""


NOBODY_THERE = """
import socket
from multiprocessing import reduction
ours, theirs = socket.socketpair()
theirs.close()
reduction.recvfds(ours, 5)
"""


def born(deed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BORN_LATE.format(deed=deed)], capture_output=True, check=False
    )
    assert done.returncode == 1
    return done.stderr.decode()


@pytest.mark.parametrize("deed", [NO_LOCK, NOBODY_THERE])
def test_a_worker_that_is_born_while_its_run_ends_dies_without_a_word(deed: str) -> None:
    assert born(deed) == ""


@pytest.mark.parametrize(
    "deed", ["open('/there/is/none')", "raise FileNotFoundError", "raise EOFError", "1 / 0"]
)
def test_whatever_else_it_dies_of_is_said(deed: str) -> None:
    assert "Traceback" in born(deed)


def test_nobody_elses_hook_is_touched() -> None:
    assert sys.excepthook is not nursery.say
