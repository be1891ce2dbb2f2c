"""For the tests of plugin authors: the checks as pytest parameters, example data as fixtures.

::

    from harness.testing import conformance
    from my_filter import MyFilter

    @conformance(MyFilter(), expected_failures={"other-rates": "made for 2 kHz only"})
    def test_contract(conformance_check):
        conformance_check()

An expected failure that does not fail any more makes the test fail: it is stale. For the
fixtures, write ``pytest_plugins = ["harness.testing"]`` in ``conftest.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.conformance import Check, Subject, checks_of, examples, run_check
from harness.contracts import Plugin
from harness.errors import ConformanceError
from harness.values import Pictures, Raster, Signals

ARGUMENT = "conformance_check"
"""The argument of the test function that receives each check."""


@dataclass(frozen=True, slots=True)
class BoundCheck:
    """One check of one plugin, to be called."""

    check: Check
    subject: Subject

    def __call__(self) -> None:
        """Run the check: skip where it cannot tell.

        Raises
        ------
        ConformanceError
            The plugin does not pass; the message says why, and what to do.
        """
        missing = self.subject.plugin.unavailable()
        if missing:
            pytest.skip(missing)
        outcome = run_check(self.check, self.subject)
        if outcome.status == "skipped":
            pytest.skip(f"not applicable: {outcome.reason}")
        if outcome.status == "fail":
            raise ConformanceError(
                f"{self.subject} fails {self.check.name!r} ({self.check.asks}) "
                f"{outcome.reason} What to do: {self.check.remedy}"
            )


def conformance(
    *plugins: Plugin,
    expected_failures: Mapping[str, str] | None = None,
    store: Path | None = None,
) -> pytest.MarkDecorator:
    """Parametrise a test with every check of every plugin given.

    Parameters
    ----------
    plugins
        With the parameters that they are to be examined with.
    expected_failures
        Names of checks that are known to fail, each with the reason; a check that passes all the
        same fails the test.
    store
        The file of stored outputs that the check "version" compares with.

    Raises
    ------
    ValueError
        An expected failure names no check, or gives no reason.
    """
    expected = dict(expected_failures or {})
    names = {check.name for plugin in plugins for check in checks_of(plugin.kind)}
    for name, reason in expected.items():
        if name not in names:
            raise ValueError(f"No check is called {name!r}; they are {', '.join(sorted(names))}.")
        if not reason:
            raise ValueError(f"Give the reason why {name!r} is expected to fail.")
    return pytest.mark.parametrize(
        ARGUMENT,
        [
            _parameter(check, subject, expected.get(check.name, ""))
            for subject in (Subject(plugin, store) for plugin in plugins)
            for check in checks_of(subject.plugin.kind)
        ],
    )


def _parameter(check: Check, subject: Subject, reason: str) -> object:
    marks = [pytest.mark.xfail(reason=reason, strict=True, raises=ConformanceError)]
    bound = BoundCheck(check, subject)
    return pytest.param(bound, id=f"{subject}-{check.name}", marks=marks if reason else [])


@pytest.fixture
def assorted_signals() -> Signals:
    """Give seven different clips of 2 s at 2 kHz [shape=(7, 1, 4000)]."""
    return examples.assorted()


@pytest.fixture
def tone_signal() -> Signals:
    """Give a tone of 200 Hz, 2 s at 2 kHz [shape=(1, 1, 4000)]."""
    return examples.tone()


@pytest.fixture
def chirp_signal() -> Signals:
    """Give a sweep from 80 to 400 Hz, 2 s at 2 kHz [shape=(1, 1, 4000)]."""
    return examples.chirp()


@pytest.fixture
def example_raster(assorted_signals: Signals) -> Raster:
    """Give plain power spectrograms of the assorted clips."""
    return examples.spectrogram(assorted_signals)


@pytest.fixture
def easy_pictures() -> tuple[Pictures, NDArray[np.str_]]:
    """Give 40 pictures of two classes that are easy to tell apart, and their labels."""
    return examples.pictures(40)
