"""Work in other processes: order, bounds, losses."""

from __future__ import annotations

import os
import signal
import time

import pytest

from harness.running.workers import Lost, open_workers


def double(number):
    return 2 * number


def misbehave(number):
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 2:
        time.sleep(600)
    if number == 3:
        os._exit(7)
    if number == 4:
        raise ValueError("on purpose")
    return number


def test_results_come_in_the_order_of_the_tasks(workers):
    assert list(workers.in_order(double, list(range(50)))) == [2 * n for n in range(50)]


def threads(number):
    import cv2
    import threadpoolctl

    pools = threadpoolctl.threadpool_info()
    assert any(pool["user_api"] == "blas" for pool in pools)
    return {cv2.getNumThreads(), *(pool["num_threads"] for pool in pools)}


def test_libraries_in_a_worker_keep_to_one_thread(workers):
    assert list(workers.in_order(threads, [0])) == [{1}]


def test_no_tasks_give_no_results(workers):
    assert list(workers.each(double, [])) == []


def test_a_task_that_dies_or_hangs_is_lost_alone():
    with open_workers(2) as pool:
        found = dict(pool.each(misbehave, [0, 1, 2, 3], timeout_s=3.0))
    assert found[0] == 0
    assert found[1] == Lost("its process died: killed, perhaps out of memory (SIGKILL)")
    assert found[2] == Lost("stopped after 3 s (--timeout)")
    assert found[3] == Lost("its process died with exit status 7")


def test_what_a_task_raises_is_raised(workers):
    with pytest.raises(ValueError, match="on purpose"):
        list(workers.each(misbehave, [4]))


def interrupt_a_task():
    with open_workers(1) as pool:
        pool.pool.schedule(misbehave, args=(2,))
        time.sleep(1.0)
        raise KeyboardInterrupt


def test_no_process_is_left_when_the_block_is_left_early():
    import psutil

    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with pytest.raises(KeyboardInterrupt):
        interrupt_a_task()
    left = {p.pid for p in psutil.Process().children(recursive=True)} - before
    names = [p.cmdline() for p in psutil.Process().children(recursive=True) if p.pid in left]
    workers = [name for name in names if not any("forkserver" in w or "tracker" in w for w in name)]
    assert workers == []
