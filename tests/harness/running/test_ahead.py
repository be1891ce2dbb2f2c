"""What is imported ahead is there when it is asked for."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys, threading
from harness.running.ahead import LATER, import_ahead
print("scipy.special" in sys.modules)
import_ahead()
for thread in threading.enumerate():
    if thread.name == "imports":
        thread.join()
print(all(name in sys.modules for name in LATER))
"""


def test_what_the_end_of_a_run_needs_is_imported_ahead() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
