"""Accuracy against time: cells of one machine are compared, others stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.analysis.rows import Row
from harness.analysis.summary import Summary, summarise
from harness.reporting.html import Subject, render_report
from harness.reporting.html.times import MACHINES, Pareto, accuracy_against_time


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory, run_in) -> Summary:
    run, _, _ = run_in(tmp_path_factory.mktemp("times"))(
        representations=["levels", "spectrogram"],
        classifiers=["nearest-mean", "majority", "pixels-logistic"],
        folds=0,
        picture_height=16,
        picture_width=16,
    )
    return summarise(run)


def measured(summary: Summary, *hosts: Sequence[str]) -> Summary:
    """Let the cells in turn be measured by other machines."""
    places = iter(hosts * len(summary.rows))
    rows = tuple(row if row.control else on(row, next(places)) for row in summary.rows)
    return replace(summary, rows=rows)


def on(row: Row, hosts: Sequence[str]) -> Row:
    records = tuple(
        replace(
            record,
            seconds={
                name: replace(time, hosts=tuple(hosts)) for name, time in record.seconds.items()
            },
        )
        for record in row.records
    )
    return replace(row, records=records)


def titles(pareto: Pareto) -> set[str]:
    return {mark.words.partition(":")[0] for mark in pareto.chart.marks}


def test_cells_of_one_machine_are_one_chart_that_need_not_name_it(summary: Summary) -> None:
    (found,) = accuracy_against_time(measured(summary, ["lab-1"]))
    assert found.comparable
    assert found.front
    assert found.machines == ""
    assert titles(found) == {row.title for row in summary.rows if not row.control}


def test_cells_of_two_machines_stand_apart_on_the_same_axes(summary: Summary) -> None:
    asked = measured(summary, ["lab-1"], ["lab-2"])
    found = accuracy_against_time(asked)
    assert [each.machines for each in found] == ["lab-1", "lab-2"]
    assert len({each.chart.x for each in found}) == len({each.chart.y for each in found}) == 1
    assert titles(found[0]) | titles(found[1]) == {r.title for r in summary.rows if not r.control}
    assert not titles(found[0]) & titles(found[1])
    for each in found:
        assert each.front
        assert {name for name, _, _ in each.front} <= titles(each)
        assert each.chart.title.endswith(f"; on {each.machines}")
    page = render_report([Subject(asked)]).html
    assert "Times compare on one machine only, so each has a chart of its own" in page


def test_cells_that_several_machines_measured_have_no_front(summary: Summary) -> None:
    asked = measured(summary, ["lab-1", "lab-2"])
    (found,) = accuracy_against_time(asked)
    assert not found.comparable
    assert found.front == ()
    assert found.machines == "lab-1, lab-2"
    assert not [mark.label for mark in found.chart.marks if mark.label]
    assert all(not line.pieces for line in found.chart.lines)
    page = render_report([Subject(asked)]).html
    assert "These times are of several machines" in page


def test_no_cell_is_left_out_where_there_are_many_machines(summary: Summary) -> None:
    (row, *_) = [row for row in summary.rows if not row.control]
    count = MACHINES + 3
    rows = tuple(replace(on(row, [f"lab-{n}"]), classifier=f"c{n}") for n in range(count))
    found = accuracy_against_time(replace(summary, rows=rows))
    assert [each.comparable for each in found] == [*[True] * MACHINES, False]
    assert sum(len(each.chart.marks) for each in found) == count


def test_names_of_machines_are_text(summary: Summary) -> None:
    page = render_report([Subject(measured(summary, ["<b>lab</b>"], ["lab-2"]))]).html
    assert "<b>lab" not in page
    assert "&lt;b&gt;lab" in page
