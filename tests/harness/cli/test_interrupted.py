from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.cli import interrupts
from harness.cli.interrupts import heard_everywhere

Call = Callable[..., tuple[int, str, str]]

SLOW = """
from harness import Classifier
import time
from pathlib import Path

class Slow(Classifier):
    '''Never ends.'''

    name = "slow"
    mark: str = ""

    def fit(self, features, labels, rng):
        Path(self.mark).touch()
        time.sleep(600)

    def predict(self, features):
        raise AssertionError

plugins = [Slow]
"""


def words(folder: Path) -> list[str]:
    """Give a run of one cell that ends at once."""
    return [
        *("run", "-d", "upcalls[clips=40]", "-r", "waveform", "-c", "majority"),
        *("--folds", "0", "-j", "1", "--picture-size", "16"),
        *("--results", str(folder / "results"), "--cache", str(folder / "cache")),
    ]


def start(folder: Path) -> subprocess.Popen[str]:
    """Start the same with one cell that never ends, in a process group of its own."""
    file = folder / "slow.py"
    file.write_text(SLOW)
    slow = f"slow[mark='{folder / 'mark'}']"
    return subprocess.Popen(
        [sys.executable, "-m", "harness", *words(folder), "--plugin", str(file), "-c", slow],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def living(group: int) -> list[str]:
    """Name the processes of a group that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(path.parent.name)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc")
@pytest.mark.parametrize("moment", ["while it starts", "in a cell"])
def test_an_interrupted_run_says_how_far_it_came(verb: Call, tmp_path: Path, moment: str) -> None:
    if moment == "in a cell":
        assert verb(*words(tmp_path))[0] == 0
    process = start(tmp_path)
    wanted = tmp_path / ("cache/scratch" if moment == "while it starts" else "mark")
    for _ in range(1200):
        if wanted.exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    shown, errors = process.communicate(timeout=60)
    # Python ends by the signal itself where it came in the middle of making a dataclass (`exec`);
    # to a shell both are 130.
    assert (process.returncode in (130, -signal.SIGINT), shown) == (True, "")
    assert "Traceback" not in errors
    done = ["1 of 2 cells"]
    if moment == "while it starts":  # a slow machine may be heard when the cells are known already
        done = ["stopped before any cell", "0 of 2 cells"]
    said = [f"sightbench: {words}; the same command goes on" for words in done]
    assert errors.splitlines()[-1] in said
    for _ in range(100):
        if not living(process.pid):
            break
        time.sleep(0.05)
    assert living(process.pid) == []
    assert not list(tmp_path.glob("cache/scratch/*"))


SILENT = """
import os
import signal

try:
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        pass
except BaseException:
    pass
"""
DROPPING = """
import os
import signal


class Dropping:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass


Dropping()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends itself a signal")
@pytest.mark.parametrize("how", [SILENT, DROPPING])
def test_ctrl_c_that_is_dropped_ends_a_run(tmp_path: Path, how: str) -> None:
    """Imports may drop it without a word, and Python goes on after what a finalizer raises."""
    file = tmp_path / "dropping.py"
    file.write_text(how + SLOW)
    slow = f"slow[mark='{tmp_path / 'mark'}']"
    ended = subprocess.run(
        [sys.executable, "-m", "harness", *words(tmp_path), "--plugin", str(file), "-c", slow],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode in (130, -signal.SIGINT), ended.stdout) == (True, "")
    assert "Exception ignored" not in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "mark").exists()


TIDYING = """
import atexit
import os
import signal


def late():
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        pass


atexit.register(late)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends itself a signal")
def test_ctrl_c_while_a_finished_run_tidies_up_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "tidying.py"
    file.write_text(TIDYING + SLOW)
    ended = subprocess.run(
        [sys.executable, "-m", "harness", *words(tmp_path), "--plugin", str(file)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "majority" in ended.stdout
    assert "Traceback" not in ended.stderr


@pytest.fixture
def _python_listens() -> Iterator[None]:
    """Give Ctrl-C to Python itself: libraries that other tests import take it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_python_listens")
@pytest.mark.skipif(sys.platform == "win32", reason="sends itself a signal")
def test_ctrl_c_is_not_held_back_for_ever_by_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "_IMPORTS", __file__)  # as if all this were an import
    monkeypatch.setattr(interrupts, "IMPORTS_MAY_TAKE_S", 0.1)

    def wait() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)

    with heard_everywhere(), pytest.raises(KeyboardInterrupt):
        wait()


@pytest.mark.usefixtures("_python_listens")
@pytest.mark.skipif(sys.platform == "win32", reason="sends itself a signal")
def test_ctrl_c_in_a_finalizer_is_heard_once_it_has_ended() -> None:
    class Dropping:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            for _ in range(1000):
                pass

    def wait() -> None:
        Dropping()
        time.sleep(30)

    with heard_everywhere(), pytest.raises(KeyboardInterrupt):
        wait()


def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with heard_everywhere():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_python_listens")
def test_what_else_python_drops_is_told_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError("of a finalizer")

    heard: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda dropped: heard.append(dropped.exc_type))
    with heard_everywhere():
        Broken()
    assert heard == [ValueError]
