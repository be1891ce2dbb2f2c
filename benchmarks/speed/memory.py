"""The memory of a command and of all the processes that it starts."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence

import psutil

INTERVAL_S = 0.05


def peak(command: Sequence[str]) -> int:
    """Run a command and return its peak (bytes).

    Shared pages count once (proportional set size), where the system tells; else each process
    counts all of its own.

    Raises
    ------
    subprocess.CalledProcessError
        The command failed.
    """
    highest = 0
    with psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            highest = max(highest, _size(process))
            time.sleep(INTERVAL_S)
        if process.returncode:
            said = process.stderr.read()
            raise subprocess.CalledProcessError(process.returncode, command, stderr=said)
    return highest


def _size(process: psutil.Popen) -> int:
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            info = each.memory_full_info()
            total += getattr(info, "pss", info.rss)
    except psutil.Error:
        return 0  # one ended while it was looked at: the next look will do
    return total
