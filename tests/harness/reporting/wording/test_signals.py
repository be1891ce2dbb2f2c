"""When a table says that the signal itself beats every picture, and when it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.rows import Row
from harness.analysis.summary import Summary, summarise
from harness.reporting.wording import glance
from harness.reporting.wording.signals import signal_remarks
from harness.reporting.wording.summary import remarks
from harness.statistics.ties import compare_all


@pytest.fixture(scope="module")
def summary(run_in, tmp_path_factory) -> Summary:
    run, _, _ = run_in(tmp_path_factory.mktemp("signals"))(
        representations=["levels", "stack(levels, waveform)"],
        classifiers=["nearest-mean", "nearest-spectrum"],
    )
    return summarise(run)


def told(summary: Summary, **right: int) -> list[str]:
    """Say what is remarked if each row gets so many of 200 clips right."""
    rows, table = [], []
    for title, count in right.items():
        representation, _, classifier = title.partition("__")
        rows.append(Row(representation, classifier, (), accuracy=count / 200))
        table.append(np.arange(200) < count)
    found = compare_all(np.stack(table), None)
    return list(signal_remarks(replace(summary, compared=tuple(rows), comparisons=found)))


def test_a_signal_that_beats_every_picture_is_told_with_its_figures(summary):
    (line,) = told(summary, signal__kernels=190, mel__svm=120, wave__svm=110)
    assert "kernels looks at the signal itself and beats every picture here" in line
    assert "95.0% against 60.0% of the best of them, mel × svm (+35.0 points, 95% +" in line


@pytest.mark.parametrize(
    "right",
    [
        {"signal__kernels": 190, "mel__svm": 188, "wave__svm": 110},
        {"signal__kernels": 110, "mel__svm": 190, "wave__svm": 120},
        {"signal__kernels": 190, "signal__other": 120},
        {"mel__svm": 190, "wave__svm": 120},
    ],
)
def test_nothing_is_told_where_it_is_not_beyond_doubt(summary, right):
    assert told(summary, **right) == []


def test_the_better_of_two_signals_speaks(summary):
    (line,) = told(summary, signal__weak=100, signal__kernels=190, mel__svm=120)
    assert line.startswith("kernels looks at the signal")


def test_a_real_table_reads_on(summary):
    lines = list(remarks(summary))
    assert any("share a letter" in line for line in lines)
    assert {row.representation for row in summary.rows} == {
        "levels", "stack(levels, waveform)", "signal",
    }  # fmt: skip


def test_the_first_screen_tells_it_too(summary):
    rows = [Row("signal", "kernels", (), accuracy=0.95), Row("mel", "svm", (), accuracy=0.6)]
    found = compare_all(np.stack([np.arange(200) < 190, np.arange(200) < 120]), None)
    shown = replace(summary, compared=tuple(rows), comparisons=found)
    assert any("beats every picture" in line.text for line in glance.below(shown))
    assert not any("beats every picture" in line.text for line in glance.below(summary))


def test_an_ensemble_is_no_picture_that_a_signal_must_beat(summary):
    (line,) = told(summary, signal__kernels=190, mel__svm=120, ensemble__mean=189)
    assert "mel × svm" in line
