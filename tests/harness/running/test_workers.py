"""Work in other processes: order, bounds, losses."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

from harness.errors import PluginError, SightbenchError
from harness.running.memory import LITTLE_BYTES
from harness.running.parcels import LARGE_BYTES, pack, perform, unpack
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


def collecting(number):
    return gc.isenabled() and gc.get_freeze_count() > 0


def test_workers_collect_their_own_garbage_and_leave_what_they_share(workers):
    assert list(workers.in_order(collecting, [1])) == [True]


def swell(size):
    swell.held = b"x" * size
    return os.getpid()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is not told here")
def test_processes_begin_anew_where_they_have_grown():
    with open_workers(1) as workers:
        (first,) = workers.in_order(swell, [1])
        workers.renew()
        (same,) = workers.in_order(swell, [2 * LITTLE_BYTES])
        workers.renew()
        (other,) = workers.in_order(swell, [1])
    assert first == same != other


def test_no_tasks_give_no_results(workers):
    assert list(workers.each(double, [])) == []


FORKED = """
import multiprocessing
from math import sqrt
from pathlib import Path
from harness.running.scratch import sweep
from harness.running.workers import open_workers
if __name__ == "__main__":
    with open_workers(1) as workers:
        print(list(workers.in_order(sqrt, [4.0])))
        home = Path(multiprocessing.current_process()._config["tempdir"])
        with multiprocessing.get_context("fork").Pool(1) as pool:
            print(pool.map(sqrt, [9.0]))
        sweep(home.parent)
        print(home.is_dir(), list(workers.in_order(sqrt, [16.0])))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_process_that_others_fork_off_takes_no_temporary_folder_along():
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, check=False)
    assert done.stdout.decode().splitlines() == ["[2.0]", "[3.0]", "True [4.0]"], (
        done.stderr.decode()
    )


CLEANED = """
import multiprocessing, shutil
from math import sqrt
from harness.running.workers import open_workers
if __name__ == "__main__":
    for _ in range(2):
        with open_workers(1) as workers:
            print(list(workers.in_order(sqrt, [4.0])))
        shutil.rmtree(multiprocessing.current_process()._config["tempdir"])
"""


def test_work_goes_on_where_the_folder_of_temporary_files_was_cleaned_away():
    done = subprocess.run([sys.executable, "-c", CLEANED], capture_output=True, check=False)
    assert done.stdout.decode().splitlines() == ["[2.0]", "[2.0]"], done.stderr.decode()


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
        pool.crew.submit(pack(misbehave, 2))
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


class Heavy:
    """What does something when it is read in a worker, as a stranger's module may."""

    def __init__(self, deed):
        self.deed = deed

    def __reduce__(self):
        return self.deed


def fail(text):
    raise PluginError(text)


def rest():
    time.sleep(600)


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ((fail, ("The plugin file changed",)), "cannot read it: The plugin file changed"),
        ((sys.exit, (3,)), "cannot read it: SystemExit: 3"),
        ((os._exit, (3,)), "its process died with exit status 3"),
        ((os._exit, (0,)), "its process ended in the middle of it, with exit status 0"),
        ((rest, ()), "stopped after 2 s"),
    ],
)
def test_a_task_that_cannot_be_read_is_lost_alone(deed, reason):
    with open_workers(2) as pool:
        found = dict(pool.each(str, [1, Heavy(deed), 2], timeout_s=2.0))
    assert found[0] == "1"
    assert found[2] == "2"
    assert reason in found[1].reason


def test_a_task_that_cannot_be_sent_is_lost_alone(workers):
    found = dict(workers.each(str, [1, threading.Lock(), 2]))
    assert (found[0], found[2]) == ("1", "2")
    assert "cannot be sent to another process" in found[1].reason


class Curious(Exception):
    """Cannot be read back: it takes two words and keeps one."""

    def __init__(self, one, other):
        super().__init__(one)


def answer_oddly(number):
    if number == 1:
        raise Curious("a curious fault", 2)
    if number == 2:
        raise KeyboardInterrupt
    if number == 3:
        return threading.Lock()
    if number == 4:
        return Heavy((fail, ("no way back",)))
    return number


def test_what_cannot_come_back_is_lost_alone(workers):
    found = dict(workers.each(answer_oddly, range(6)))
    assert (found[0], found[5]) == (0, 5)
    assert found[1] == Lost("Curious: a curious fault")
    assert found[2] == Lost("KeyboardInterrupt: no reason given")
    assert "what it gave cannot be read: TypeError" in found[3].reason
    assert found[4] == Lost("what it gave cannot be read: no way back")


def disturb(deed):
    if deed == "look":
        print("still here")
        return Path.cwd(), os.environ.get("STRANGE"), np.geterr()["divide"], sys.stdout.closed
    os.chdir("/")
    os.environ["STRANGE"] = "yes"
    np.seterr(all="raise")
    sys.stdout.close()
    os.close(1)
    sys.stdout = None
    warnings.simplefilter("error")
    return None


def test_a_task_leaves_its_surroundings_as_it_found_them():
    with open_workers(1) as pool:
        before, _, after = pool.in_order(disturb, ["look", "disturb", "look"])
    assert before == after
    assert after[1:] == (None, "warn", False)


def warn(text):
    sys.stderr = io.StringIO()
    warnings.warn(text, RuntimeWarning, stacklevel=1)
    return sys.stderr.getvalue()


def test_what_a_task_warns_of_is_said_once_as_a_sentence():
    with open_workers(1) as pool:
        said = list(
            pool.in_order(warn, ["a window\nof \x1b[31m", "a window\nof \x1b[31m", "another"])
        )
    assert [line.count("\n") for line in said] == [1, 0, 1]
    assert said[0].startswith("warning: a window of ")
    assert "\x1b" not in said[0]


def test_workers_that_are_ended_from_outside_end_the_run_with_a_sentence():
    import psutil

    with open_workers(1) as pool:
        (pid,) = pool.in_order(identify, [0])
        psutil.Process(pid).kill()
        time.sleep(1.0)
        with pytest.raises(SightbenchError, match="start the same command again"):
            list(pool.each(misbehave, [0]))


def test_a_task_that_a_pool_never_took_is_not_waited_for(monkeypatch):
    from pebble import ProcessFuture

    with open_workers(1) as workers:
        assert len(list(workers.in_order(identify, [0]))) == 1
        pool = workers.crew._pool

        def too_late(*_, **__):  # a process is killed just then
            pool._pool_manager.handle_broken_pool(BrokenProcessPool("All workers expired"))
            return ProcessFuture()

        monkeypatch.setattr(pool, "schedule", too_late)
        with pytest.raises(SightbenchError, match="start the same command again"):
            list(workers.each(misbehave, [0]))


def identify(number):
    return os.getpid()


def test_a_large_task_is_pressed_and_done_as_it_was_given():
    parcel = pack(len, "ab" * LARGE_BYTES)
    assert isinstance(parcel, bytes)
    assert len(parcel) < LARGE_BYTES
    assert unpack(perform(parcel)) == 2 * LARGE_BYTES


def test_a_process_of_which_nothing_is_known_counts_as_grown() -> None:
    from harness.running.memory import has_grown

    gone = 2**22 + 1  # beyond any process's number
    assert has_grown(gone, gone)
    assert has_grown(gone, None)
    assert not has_grown(os.getpid(), os.getpid())
