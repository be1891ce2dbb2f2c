"""Any number of starts at once: each call is paid once, and nobody's result goes missing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness import Stopped
from plugins.classifiers.nyckel.ledger import Ledger, open_ledger, show_ledger
from plugins.classifiers.nyckel.lock import ledger_of, lock_of, locked
from plugins.classifiers.nyckel.meter import Meter

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks are POSIX")
HOLD = (
    "import sys, time; from pathlib import Path\n"
    "from plugins.classifiers.nyckel.lock import locked\n"
    "with locked(Path(sys.argv[1]), 60, lambda _: None):\n"
    "    print('held', flush=True); time.sleep(120)\n"
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "work" / "cell"


@pytest.fixture
def holder(folder):
    """Another process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def is_free(folder):
    try:
        with locked(folder, 0, lambda _: None):
            return True
    except Stopped:
        return False


def test_who_waits_says_for_whom_and_gives_up_in_a_sentence(folder, holder):
    said = []
    with pytest.raises(
        Stopped, match=rf"\(process {holder.pid}\) works on this cell.*run the same"
    ):
        locked(folder, 0.2, said.append).__enter__()
    assert set(said) == {
        f"waiting for another start of this command (process {holder.pid}), "
        "which works on this cell"
    }


def test_a_killed_holder_holds_nothing(folder, holder):
    assert not is_free(folder)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert is_free(folder)


def test_a_holder_that_writes_is_waited_for_beyond_all_patience(folder, holder):
    folder.mkdir(parents=True)
    ledger = Ledger(ledger_of(folder), Meter())
    waited = []

    def look(_):
        waited.append(1)
        ledger.append({"what": "look"}, safe=False)
        if len(waited) == 12:
            holder.kill()

    with locked(folder, 0.4, look):
        assert len(waited) >= 12


def test_a_lock_outlives_the_folder_and_what_waits_for_it(folder):
    """The first to finish throws the folder away; the others still enter one by one."""
    folder.mkdir(parents=True)
    inside, most, entered = [], [], []

    def start(number):
        with locked(folder, 30, lambda _: None):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.02)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            inside.remove(number)
            entered.append(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(8)))
    assert sorted(entered) == list(range(8))
    assert set(most) == {1}


def test_whoever_deletes_the_lock_lets_no_two_in(folder):
    """A lock on a file that is no longer there is no lock: it is taken again."""
    folder.mkdir(parents=True)
    with locked(folder, 1, lambda _: None):
        waiting, got = threading.Event(), threading.Event()

        def wait():
            with locked(folder, 30, lambda _: waiting.set()):
                got.set()

        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(10)
        held = lock_of(folder)
        held.rename(held.with_suffix(".old"))
        assert got.wait(10)
    thread.join()
    assert lock_of(folder).exists()


def test_a_process_that_inherits_the_lock_keeps_it(folder):
    with locked(folder, 1, lambda _: None) as lock:
        courier = subprocess.Popen(["sleep", "60"], pass_fds=(lock,))
    assert not is_free(folder)
    courier.kill()
    courier.wait()
    assert is_free(folder)


def test_the_ledger_outlives_the_folder(folder):
    ledger = open_ledger(folder, Meter())
    ledger.append({"what": "answer", "external": "a", "answer": {}})
    assert (folder / "nyckel.jsonl").read_bytes() == ledger_of(folder).read_bytes()
    shutil.rmtree(folder)
    ledger.append({"what": "answer", "external": "b", "answer": {}})
    again = open_ledger(folder, Meter())
    assert again.by_external("answer").keys() == {"a", "b"}
    assert (folder / "nyckel.jsonl").read_bytes() == ledger_of(folder).read_bytes()


def test_where_files_have_one_name_only_the_ledger_is_copied(folder, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    open_ledger(folder, Meter()).append({"what": "answer", "external": "a"})
    show_ledger(folder)
    assert (folder / "nyckel.jsonl").read_bytes() == ledger_of(folder).read_bytes()


def test_a_ledger_that_lies_in_the_folder_is_taken_over(folder):
    folder.mkdir(parents=True)
    (folder / "nyckel.jsonl").write_text('{"what": "answer", "external": "a", "answer": {}}\n')
    assert open_ledger(folder, Meter()).by_external("answer").keys() == {"a"}


def test_a_ledger_that_was_deleted_or_replaced_is_not_begun_anew(folder):
    ledger = open_ledger(folder, Meter())
    ledger.append({"what": "look"})
    shutil.rmtree(folder.parent)
    with pytest.raises(Stopped, match="was deleted while it was in use"):
        ledger.append({"what": "look"})
    assert not folder.parent.exists()
    other = open_ledger(folder, Meter())
    other.append({"what": "look"})
    with pytest.raises(Stopped, match="was deleted while it was in use"):
        ledger.append({"what": "look"})
    assert len(list(other.entries())) == 1


def test_a_full_disk_leaves_whole_lines(folder, monkeypatch):
    ledger = open_ledger(folder, Meter())
    ledger.append({"what": "look"})
    real = os.write

    def full(file, data):
        if len(data) > 20:
            return real(file, data[:20])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Stopped, match="No space left on device"):
        ledger.append({"what": "answer", "external": "a"})
    monkeypatch.setattr(os, "write", real)
    ledger.append({"what": "answer", "external": "b"})
    assert [each["what"] for each in ledger.entries()] == ["look", "answer"]


def test_a_finished_cell_whose_folder_went_is_found_and_not_paid_again(
    cell, classifier, serving, tmp_path
):
    server = serving()
    job = cell.job(tmp_path / "work" / "cell")
    first = classifier(server.url).fit(cell.train, cell.labels, job)
    late = classifier(server.url).fit(cell.train, cell.labels, job)
    answers = first.predict(cell.holdout)
    shutil.rmtree(job.folder)
    # One that waited between learning and asking, and one that starts only now.
    assert late.predict(cell.holdout).labels == answers.labels
    shutil.rmtree(job.folder)
    anew = classifier(server.url).fit(cell.train, cell.labels, job)
    assert anew.predict(cell.holdout).labels == answers.labels
    assert anew.cross_validated().labels == first.cross_validated().labels
    assert classifier(server.url).spent(job.folder).paid_calls == len(cell.holdout)
    assert set(server.counters.invoked.values()) == {1}
    assert set(server.counters.accepted.values()) == {1}
    assert len(server.store.functions()) == 1


def test_many_starts_at_once_pay_each_call_once(cell, serving, tmp_path):
    server = serving("latency=0.02")
    cell.save(tmp_path / "cell.npz")
    script = Path(__file__).with_name("run_cell.py")
    tables = [tmp_path / f"{number}.json" for number in range(4)]
    starts = [
        subprocess.Popen(
            [sys.executable, str(script), str(tmp_path / "cell.npz"),
             str(tmp_path / "work" / "cell"), server.url, str(table)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for table in tables
    ]  # fmt: skip
    assert [start.wait(200) for start in starts] == [0] * 4
    found = [json.loads(table.read_text()) for table in tables]
    assert all(each == found[0] for each in found)
    assert found[0]["costs"] == {"paid_calls": len(cell.holdout), "perhaps_paid": 0}
    assert sorted(server.counters.invoked.values()) == [1] * len(cell.holdout)
    assert sorted(server.counters.accepted.values()) == [1] * len(cell.train)
    assert len(server.store.functions()) == 1


def test_progress_that_cannot_be_posted_costs_nothing(cell, classifier, serving, tmp_path):
    def gone(*_):
        raise FileNotFoundError("progress.txt")

    job = cell.job(tmp_path / "cell", progress=gone)
    found = classifier(serving().url).fit(cell.train, cell.labels, job).predict(cell.holdout)
    assert None not in found.labels


def test_the_limit_of_paid_calls_counts_what_earlier_starts_paid(
    cell, classifier, serving, tmp_path
):
    server = serving()
    for _ in range(3):
        job = cell.job(tmp_path / "cell", max_calls=5)
        fitted = classifier(server.url).fit(cell.train, cell.labels, job)
        with pytest.raises(Stopped, match="limit of 5 paid calls"):
            fitted.predict(cell.holdout)
    assert sum(server.counters.invoked.values()) == 5


def test_a_courier_takes_no_module_from_the_current_folder(
    cell, classifier, serving, tmp_path, monkeypatch
):
    for name in ("json", "queue", "plugins", "requests"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'RAN')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    job = cell.job(tmp_path / "work" / "cell")
    found = classifier(serving().url).fit(cell.train, cell.labels, job).predict(cell.holdout)
    assert None not in found.labels
    assert not (tmp_path / "RAN").exists()
