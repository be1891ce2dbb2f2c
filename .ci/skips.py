"""No test is skipped in every run, but for the reasons below: ``python .ci/skips.py RUN.xml ...``.

Each file is what pytest wrote of one run (``--junitxml``). A test that one run skips because it
lacks an optional package counts as run where another run had it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

ALLOWED = {
    r"^not applicable: ": "the check has nothing to look at in this plugin",
    r"NYCKEL_CLIENT_ID": "needs the vendor's own credentials",
}
"""Patterns of reasons, each with why it is no test left out."""

WITHOUT_RECORDINGS = {r"SIGHTBENCH_REAL_DATA": "needs real recordings, and none are named here"}
"""Where SIGHTBENCH_REAL_DATA names no folder, that is said of every test which needs it."""

Test = tuple[str, str]


def main(files: Iterable[str]) -> int:
    """Print what was skipped in every run, by reason; return 1 if a reason is not allowed."""
    allowed = ALLOWED | ({} if os.environ.get("SIGHTBENCH_REAL_DATA") else WITHOUT_RECORDINGS)
    runs = [dict(skipped_in(file)) for file in files]
    ran = {test for run in runs for test, reason in run.items() if reason is None}
    ran |= {("", place) for place, _ in ran}  # a file that another run skipped as a whole
    skipped = {test: why for run in runs for test, why in run.items() if test not in ran}
    forbidden = []
    for (place, name), reason in sorted(skipped.items()):
        leaves = [why for pattern, why in allowed.items() if re.search(pattern, reason or "")]
        print(f"{place}::{name}: {reason} [{leaves[0] if leaves else 'NOT ALLOWED'}]")
        if not leaves:
            forbidden.append(name)
    number = sum(bool(place) for place, _ in ran)
    print(f"{number} tests ran, {len(skipped)} did not, {len(forbidden)} of them without leave.")
    return int(bool(forbidden) or not ran)


def skipped_in(file: str) -> Iterator[tuple[Test, str | None]]:
    """Give every test of a run with the reason why it was skipped, or None."""
    for case in ElementTree.parse(file).iter("testcase"):  # noqa: S314  # pytest's own file
        found = case.find("skipped")
        skip = found is not None and found.get("type") != "pytest.xfail"
        reason = found.get("message", "") if found is not None and skip else None
        yield (case.get("classname", ""), case.get("name", "")), reason


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
