"""A run is killed at random moments, then the same command goes on as if nothing had happened.

Results are compared byte for byte with those of an undisturbed run. A few moments as a test; all
of them, with a table, as a script::

    python tests/durability/test_kills.py 25
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

TONES = Path(__file__).parents[1] / "samples" / "tones.py"
CHOICES = (
    *("--plugin", str(TONES), "--dataset", "tones", "--split", "stratified", "--folds", "3"),
    *("-r", "levels", "-r", "spectrogram", "-c", "nearest-mean", "-c", "pixels-logistic"),
    *("-c", "majority", "--seeds", "2", "--jobs", "2"),
)
CELLS = 12
PATIENCE_S = 120.0
"""Whatever takes longer than this hangs; an undisturbed run takes seconds."""
VANISHING_S = 20.0
"""So long workers may take to notice that the run is gone, and to end."""

KINDS = ("SIGKILL run", "SIGKILL worker", "SIGKILL forkserver", "SIGTERM run", "SIGINT group")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes by signals")


@dataclass
class Home:
    """Folders of one run: its results, its cache, its temporary files."""

    folder: Path

    def start(self) -> subprocess.Popen[bytes]:
        """Start the run, in a session of its own."""
        temporary = self.folder / "temporary"
        temporary.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "harness", "run", *CHOICES]
        command += ["--results", "results", "--cache", "cache"]
        with (self.folder / "output.txt").open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=os.environ | {"TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"},
                stdout=subprocess.DEVNULL,
                stderr=output,
                start_new_session=True,
            )

    def words(self) -> str:
        """Return what all starts said on stderr."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def cells(self) -> dict[str, Path]:
        """Return the finished cells by the name of their folder, which comes from their content."""
        found = self.folder.glob("results/*/*/cells/[!.]*/record.json")
        return {each.parent.name: each.parent for each in found if status(each) == "ok"}

    def figures(self) -> dict[str, tuple[str, bytes]]:
        """Return of every finished cell its figures and its predictions."""
        return {
            name.partition("~")[0]: (figures(path), (path / "predictions.csv").read_bytes())
            for name, path in self.cells().items()
        }

    def litter(self) -> list[str]:
        """Name what is left of temporary files."""
        places = (self.folder / "temporary", self.folder / "cache" / "scratch")
        left = [str(path.relative_to(self.folder)) for each in places for path in each.rglob("*")]
        marks = self.folder.glob("results/*/*/work/*/started")
        return left + [str(path.relative_to(self.folder)) for path in marks]


def status(record: Path) -> str:
    """Return what came of a cell."""
    return str(json.loads(record.read_text())["status"])


def figures(cell: Path) -> str:
    """Return a record but for what it took, which no two runs share."""
    values = json.loads((cell / "record.json").read_text())
    for measured in ("seconds", "digest"):
        values.pop(measured)
    return json.dumps(values, sort_keys=True)


def session_of(pid: int) -> list[psutil.Process]:
    """List the processes of a session, living ones only."""
    found = []
    for process in psutil.process_iter(["status"]):
        try:
            same = os.getsid(process.pid) == pid
        except (ProcessLookupError, PermissionError):
            continue
        if same and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def victims(pid: int, kind: str) -> list[psutil.Process]:
    """List the processes of a run that a kind of kill is for."""
    main = psutil.Process(pid)
    if not kind.endswith(("worker", "forkserver")):
        return [main]
    helpers = main.children()
    servers = [each for each in helpers if "forkserver" in " ".join(each.cmdline())]
    if kind.endswith("forkserver"):
        return servers
    return [worker for each in servers for worker in each.children()]


@dataclass
class Outcome:
    """What a kill and the start after it came to."""

    kind: str
    moment_s: float
    killed: str = ""
    finished: int = 0
    faults: list[str] = field(default_factory=list)

    def row(self) -> str:
        """Return a line of the table."""
        verdict = "; ".join(self.faults) or "as undisturbed"
        moment = f"{self.moment_s:6.2f}  {self.kind:<19}"
        return f"{moment}  {self.killed:<9}  {self.finished:>4}  {verdict}"


def strike(started: subprocess.Popen[bytes], kind: str, rng: random.Random) -> None:
    """Send a signal to one of the run's processes, or to all of them."""
    number = getattr(signal, kind.split()[0])
    if kind.endswith("group"):
        os.killpg(started.pid, number)
        return
    found: list[psutil.Process] = []
    while not found and started.poll() is None:
        try:
            found = victims(started.pid, kind)
        except psutil.NoSuchProcess:
            found = []
        time.sleep(0.01)
    if found:
        try:
            rng.choice(found).send_signal(number)
        except psutil.NoSuchProcess:
            return


def wait_for(started: subprocess.Popen[bytes], outcome: Outcome) -> int | None:
    """Wait for a start to end, and for its session to be empty."""
    try:
        code: int | None = started.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        outcome.faults.append("it hangs")
        os.killpg(started.pid, signal.SIGKILL)
        code = started.wait()
    until = time.monotonic() + VANISHING_S
    while (left := session_of(started.pid)) and time.monotonic() < until:
        time.sleep(0.1)
    if left:
        outcome.faults.append(f"{len(left)} processes are left: {[p.cmdline()[-1] for p in left]}")
        for process in left:
            process.kill()
    return code


def kill_and_go_on(
    home: Home, kind: str, moment_s: float, rng: random.Random, wanted: dict[str, tuple[str, bytes]]
) -> Outcome:
    """Kill a run at a moment, start it again, and compare with what is wanted."""
    outcome = Outcome(kind, moment_s)
    started = home.start()
    time.sleep(moment_s)
    strike(started, kind, rng)
    outcome.killed = str(wait_for(started, outcome))
    before = {name: (path / "record.json").read_bytes() for name, path in home.cells().items()}
    outcome.finished = len(before)
    code = wait_for(home.start(), outcome)
    after = home.cells()
    if code != 0:
        outcome.faults.append(f"the next start ends with {code}")
    if home.figures() != wanted:
        outcome.faults.append("the figures are others")
    if any(after.get(n) is None or (after[n] / "record.json").read_bytes() != b
           for n, b in before.items()):  # fmt: skip
        outcome.faults.append("a finished cell was lost")
    if len(after) != len(wanted):
        outcome.faults.append(f"{len(after)} finished cells, so some ran twice")
    if home.litter():
        outcome.faults.append(f"left: {', '.join(home.litter()[:3])}")
    if "Traceback" in home.words():
        outcome.faults.append(f"a traceback on the terminal: {home.words()[-2000:]}")
    return outcome


def undisturbed(folder: Path) -> tuple[float, dict[str, tuple[str, bytes]]]:
    """Run without a kill; return how long it took and its figures."""
    folder.mkdir()
    home, outcome = Home(folder), Outcome("none", 0.0)
    start = time.monotonic()
    started = home.start()
    started.wait()
    life_s = time.monotonic() - start
    assert wait_for(started, outcome) == 0, home.words()
    assert not outcome.faults
    assert not home.litter()
    found = home.figures()
    assert len(found) == CELLS
    return life_s, found


def moments(root: Path, count: int, seed: int) -> list[Outcome]:
    """Kill runs at random moments of their life, all kinds in turn."""
    rng = random.Random(seed)
    life_s, wanted = undisturbed(root / "undisturbed")
    print(f"an undisturbed run takes {life_s:.1f} s; {count} moments, seed {seed}")
    print("moment  kill                 ended as   done  after the next start", flush=True)
    outcomes = []
    for number in range(count):
        folder = root / str(number)
        folder.mkdir()
        # Spread over the whole life; starting the next one faster than the first ends some early.
        share = 0.9 * (number + rng.random()) / count
        kind = KINDS[number % len(KINDS)]
        outcome = kill_and_go_on(Home(folder), kind, share * life_s, rng, wanted)
        print(outcome.row(), flush=True)
        outcomes.append(outcome)
    return outcomes


def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path):
    outcomes = moments(tmp_path, len(KINDS), seed=11)
    assert [each.row() for each in outcomes if each.faults] == []


def main() -> None:
    """Kill as many times as the first argument says; print a table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory(prefix="kills-") as root:
        outcomes = moments(Path(root), count, seed)
    sys.exit(int(any(each.faults for each in outcomes)))


if __name__ == "__main__":
    main()
