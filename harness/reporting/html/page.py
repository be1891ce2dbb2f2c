"""The report as one HTML file; the template escapes all text that it is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unicodedata import category

from harness.analysis.redrawing import Redrawing
from harness.analysis.summary import Summary
from harness.errors import StoreError
from harness.files.documents import plain
from harness.files.whole import write_whole
from harness.reporting.html.charts import SHAPES
from harness.reporting.html.figures import (
    accuracy_against_time,
    learning_curves,
    reliability_chart,
    spread_strips,
)
from harness.reporting.html.reproduction import command_line, plan_toml
from harness.reporting.html.scenes import CLIPS, set_scenes
from harness.reporting.html.sections import (
    calibration_table,
    confusion_matrices,
    gain_table,
    grid_table,
    ranking_table,
)
from harness.reporting.wording import clips as odd_clips
from harness.reporting.wording import mistakes as mistaken
from harness.reporting.wording import summary as wording
from harness.reporting.wording.disagreement import counts, headline

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


def render_report(
    summary: Summary,
    source: Redrawing | None = None,
    why_not: str = "no pictures were asked for",
    clips: int = CLIPS,
) -> tuple[str, str]:
    """Return the report as HTML, and why it has no pictures (empty if it has).

    Parameters
    ----------
    source
        Draws the run's clips again; None for a report without pictures.
    why_not
        What a report without a source says about that.
    clips
        In the gallery.
    """
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
    scenes = set_scenes(summary, source, why_not, clips)
    html = environment.get_template("report.html").render(
        **_contents(summary),
        scenes=scenes,
        counts=counts,
        agreement=headline,
        mistaken=mistaken,
        shapes=SHAPES,
    )
    return html, scenes.missing


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
        "pareto": accuracy_against_time(summary),
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
    """Let a chain break before each "+"."""
    from markupsafe import Markup

    return Markup("<wbr>+").join(_visible(part) for part in chain.split("+"))


def _foldable(name: str) -> Any:
    """Let a heading break after each hyphen."""
    from markupsafe import Markup

    return Markup("-<wbr>").join(_visible(part) for part in name.split("-"))


def _visible(value: Any) -> Any:
    """Replace control characters, those that turn the direction of text among them.

    Jinja escapes the rest.
    """
    from markupsafe import Markup

    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join("\N{REPLACEMENT CHARACTER}" if _controls(c) else c for c in value)


def _controls(letter: str) -> bool:
    return letter not in _KEPT and category(letter) in ("Cc", "Cf", "Cs")
