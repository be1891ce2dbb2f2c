"""The report's section on events: curves where their figures are, names that are not obeyed."""

from __future__ import annotations

import pytest

from harness.analysis.judging import Confirmed, Judged, Judgement, Listened, Point
from harness.analysis.thresholds import Inside, Promise, Threshold
from harness.reporting.html import Subject, render_report
from harness.reporting.html.events import alarm_chart, events_section
from harness.statistics.drawn import Estimate
from harness.statistics.events import Joining
from harness.statistics.scaling import Scaling
from harness.values import Missing

EVIL = "<script>alert(1)</script>"


def judged(name="mel", control=False):
    threshold = Threshold(
        "call", 0.4, Promise("recall", 0.8), Inside(0.5, 0.8, 3.0, 8, 10), Scaling()
    )
    return Judged(
        representation=name,
        classifier="pca-svm",
        label="call",
        control=control,
        average_precision=Estimate(0.5, 0.4, 0.6),
        per_hour=(Estimate(1.0, 0.5, 2.0), Estimate(10.0, 2.0, None), None),
        inside=(1.0, 9.0, 20.0),
        most_recall=0.85,
        curve=(
            Point(0.9, 0.5, 1.0, 0.9),
            Point(0.5, 0.8, 10.0, 0.5),
            Point(0.4, 0.8, 30.0, 0.3),
            Point(0.1, 0.85, 100.0, 0.1),
        ),
        at=Confirmed(
            (threshold,),
            Estimate(0.5, 0.3, 0.7),
            Estimate(0.7, 0.6, 0.75),
            Estimate(10.0, 2.0, None),
            7,
            7.0,
            7,
            0.5,
            0.7,
            "broken",
        ),
    )


def judgement(*rows):
    return Judgement(
        "whales/1",
        Promise("recall", 0.8),
        Joining(),
        10.0,
        ("background",),
        "recordings",
        "new recordings",
        False,
        (Listened("call", 10, 2.0, 6),),
        rows or (judged(),),
        (),
    )


def test_marks_stand_on_the_lines():
    chart = alarm_chart("call", [judged()])
    assert [mark.x for mark in chart.marks] == [50, 80]
    corners = {point for a, b, c, d in chart.lines[0].pieces for point in ((a, b), (c, d))}
    assert {(mark.x, mark.y) for mark in chart.marks} <= corners
    assert (50.0, chart.marks[1].y) in corners  # more than 50% takes the next threshold


def test_an_interval_without_an_end_has_no_whisker():
    chart = alarm_chart("call", [judged()])
    assert chart.marks[0].low > chart.marks[0].y > chart.marks[0].high
    assert chart.marks[1].low is None


def test_controls_are_in_the_table_and_not_in_the_chart():
    section = events_section(judgement(judged(), judged("waveform", control=True)))
    (one,) = section.classes
    assert len(one.chart.lines) == 1
    assert [control for _, control, _ in one.alarms.rows] == [False, True]
    assert one.thresholds.rows[0][2] == (
        "0.40",
        "50.0 (30–70)",
        "70.0 (60–75)",
        "10.0 (2.00–?)",
        "no",
    )


def test_clips_of_no_recordings_have_no_section():
    assert events_section(None) is None
    assert events_section(Missing("it is damaged")).remarks == ("it is damaged",)


@pytest.fixture(scope="module")
def summary(run_in, tmp_path_factory):
    from harness.analysis.summary import summarise

    run, _, _ = run_in(tmp_path_factory.mktemp("page"))()
    return summarise(run)


def test_the_page_shows_it_and_obeys_no_name(summary):
    text = render_report([Subject(summary, events=judgement(judged(EVIL)))], 0).html
    assert 'href="#events"' in text
    assert 'id="events"' in text
    assert "false alarms an hour against recall" in text
    assert "It is NOT kept by" in text
    assert EVIL not in text
    assert "&lt;script&gt;" in text


def test_the_page_says_why_it_cannot(summary):
    text = render_report([Subject(summary, events=Missing("r.csv was changed"))], 0).html
    assert "r.csv was changed" in text
    assert 'id="events"' not in render_report([Subject(summary)], 0).html
