"""The report as one HTML file; the template escapes all text that it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import category

from harness.analysis.judging import Judgement
from harness.analysis.redrawing import Redrawing
from harness.analysis.summary import Summary
from harness.errors import StoreError
from harness.files.documents import plain
from harness.files.whole import write_whole
from harness.reporting.html.charts import SHAPES
from harness.reporting.html.events import events_section
from harness.reporting.html.figures import (
    learning_curves,
    reliability_chart,
    spread_strips,
)
from harness.reporting.html.ranks import ranks_table
from harness.reporting.html.scenes import CLIPS, Scenes, set_scenes
from harness.reporting.html.sections import (
    calibration_table,
    confusion_matrices,
    gain_table,
    grid_table,
    ranking_table,
)
from harness.reporting.html.sounds import ROOM_BYTES
from harness.reporting.html.times import accuracy_against_time
from harness.reporting.wording import clips as odd_clips
from harness.reporting.wording import mistakes as mistaken
from harness.reporting.wording import summary as wording
from harness.reporting.wording.disagreement import counts, headline
from harness.reporting.wording.reproduction import command_line, plan_toml
from harness.reporting.wording.sounds import hearing
from harness.values import Missing

if TYPE_CHECKING:
    from jinja2 import Environment

LONGEST_WORD = 24
"""Letters of a name that a line never breaks."""
_KEPT = "\n\t\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def write_report(path: Path, text: str) -> None:
    """Write the report; it appears whole or not at all.

    Raises
    ------
    StoreError
        It cannot be written.
    """
    try:
        write_whole(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise StoreError(
            f"The report cannot be written to {path}: {error}. Name another file: --output."
        ) from None


@dataclass(frozen=True, slots=True)
class Subject:
    """One run of a page.

    Parameters
    ----------
    source
        Draws its clips again; None for a report without pictures.
    why_not
        What a report without a source says about that.
    events
        How its cells are judged by events, or why that failed; None for clips of no recordings.
    """

    summary: Summary
    source: Redrawing | None = None
    why_not: str = "no pictures were asked for"
    events: Judgement | Missing | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page, and what is to be said of it.

    Parameters
    ----------
    missing
        Why there are no pictures, run by run.
    sounds, sound_bytes
        Clips that can be heard, and what they take of the page.
    """

    html: str
    missing: tuple[str, ...] = ()
    sounds: int = 0
    sound_bytes: int = 0


def render_report(
    subjects: Sequence[Subject], clips: int = CLIPS, room: int = ROOM_BYTES
) -> Rendered:
    """Return the report of a run, or of several on data sets of their own, as HTML.

    Parameters
    ----------
    clips
        In the gallery of each.
    room
        Bytes that sounds may take together; 0 for none.

    Raises
    ------
    StoreError
        Two runs are of the same data.
    """
    summaries = [each.summary for each in subjects]
    ranks = ranks_table(summaries) if len(subjects) > 1 else None
    environment = _environment()
    scenes = [
        set_scenes(each.summary, each.source, each.why_not, clips, room // len(subjects))
        for each in subjects
    ]
    bodies = [
        _body(environment, subject, scene, number if ranks else 0)
        for number, (subject, scene) in enumerate(zip(subjects, scenes, strict=True), 1)
    ]
    titles = [each.run.name for each in summaries]
    html = environment.get_template("report.html").render(
        title=" · ".join(titles), bodies=bodies, ranks=ranks, datasets=_datasets(summaries)
    )
    return Rendered(
        html,
        tuple(dict.fromkeys(each.missing for each in scenes if each.missing)),
        sum(each.sounds.count for each in scenes),
        sum(each.sounds.size for each in scenes),
    )


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("harness.reporting.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.filters["breakable"] = _breakable
    environment.filters["foldable"] = _foldable
    return environment


def _body(environment: Environment, subject: Subject, scenes: Scenes, number: int) -> str:
    """Render all that the page says of one run; `number` tells it from others of the page."""
    heard = (id for each in scenes.sounds.by_place.values() for id in each)
    return environment.get_template("run.html").render(
        **_contents(subject.summary),
        events=events_section(subject.events),
        p=_prefix(number),
        h=2 if number else 1,
        ids={id: f"sound-{place}" for place, id in enumerate(heard, 1)},
        hearing=hearing(scenes.sounds),
        scenes=scenes,
        counts=counts,
        agreement=headline,
        mistaken=mistaken,
        shapes=SHAPES,
    )


def _prefix(number: int) -> str:
    return f"d{number}-" if number else ""


def _datasets(summaries: Sequence[Summary]) -> list[dict[str, Any]]:
    return [
        {
            "name": each.data.dataset,
            "clips": each.data.clips,
            "anchor": f"{_prefix(number)}grid",
        }
        for number, each in enumerate(summaries, 1)
    ]


def _odd(summary: Summary) -> list[str]:
    data = summary.data
    return [*odd_clips.left_out(data.left_out), *odd_clips.odd(data, summary.split)]


def _contents(summary: Summary) -> dict[str, Any]:
    real = [row for row in summary.ranked() if row.accuracy is not None and not row.control]
    if summary.choice is not None:
        chosen = summary.choice.row.title
        real.sort(key=lambda row: row.title != chosen)
    return {
        "summary": summary,
        "data": summary.data,
        "plan": summary.plan,
        "environment": plain(summary.environment),
        "headline": wording.headline(summary),
        "source": wording.source(summary),
        "split": wording.split(summary.split),
        "odd": _odd(summary),
        "remarks": list(wording.remarks(summary)),
        "gain_remarks": list(wording.gain_remarks(summary)),
        "grid": grid_table(summary),
        "warnings": [
            *wording.unfinished(summary),
            *(f"Damaged, counts as absent: {line}" for line in summary.damaged),
        ],
        "more_cells": summary.others,
        "ranking": ranking_table(summary),
        "unfinished": [row for row in summary.rows if row.status != "ok"],
        "gains": gain_table(summary),
        "paretos": accuracy_against_time(summary),
        "matrices": confusion_matrices(real),
        "curves": learning_curves(summary),
        "curve_rows": summary.curves,
        "reliability": reliability_chart(real),
        "calibration": calibration_table(real),
        "spread": spread_strips(real),
        "command": command_line(summary.plan),
        "toml": plan_toml(summary.plan),
        "percent": wording.percent,
        "interval": wording.interval,
        "number": wording.number,
    }


def _breakable(chain: str) -> Any:
    """Let a chain break before each "+", and its parts nowhere else unless they are long."""
    from markupsafe import Markup

    parts = [
        Markup('<span class="whole">{}</span>').format(part) if len(part) <= LONGEST_WORD else part
        for part in map(_visible, chain.split("+"))
    ]
    return Markup("<wbr>+").join(parts)


def _foldable(name: str) -> Any:
    """Let a heading break after each hyphen."""
    from markupsafe import Markup

    return Markup("-<wbr>").join(_visible(part) for part in name.split("-"))


def _visible(value: Any) -> Any:
    """Replace control characters, those that turn the direction of text among them.

    Jinja escapes the rest.
    """
    from markupsafe import Markup

    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join("\N{REPLACEMENT CHARACTER}" if _controls(c) else c for c in value)


def _controls(letter: str) -> bool:
    return letter not in _KEPT and category(letter) in ("Cc", "Cf", "Cs")
