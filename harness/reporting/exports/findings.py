"""All that a detector found, in the files of one folder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.applying.detecting import Detection, Rules
from harness.applying.findings import Found, Hour, find
from harness.applying.listening import Work
from harness.files.documents import written
from harness.files.whole import write_whole
from harness.reporting.exports import detections as exports
from harness.reporting.wording.detections import to_json, told


@dataclass(slots=True)
class Findings:
    """What came of all recordings.

    Parameters
    ----------
    about
        Of each recording, as `detections.json` has it.
    """

    about: list[dict[str, Any]] = field(default_factory=list)
    detections: list[Detection] = field(default_factory=list)
    hours: list[Hour] = field(default_factory=list)

    def add(self, found: Found) -> None:
        """Take in what was found in one more recording."""
        self.about.append(told(found))
        self.detections += found.detections
        self.hours += found.hours

    @property
    def whole(self) -> bool:
        """Say whether all could be heard."""
        return not any(each["fault"] or each["unread"] for each in self.about)


def write_findings(output: Path, work: Work, rules: Rules, kinds: Sequence[str]) -> Findings:
    """Write tables, recording by recording, then those of all.

    Raises
    ------
    OSError
        They cannot be written.
    StoreError
        Scores are damaged or gone.
    """
    detector, findings = work.bundle.detector, Findings()
    stems = exports.stems([heard.name for heard in work.heard])
    with ExitStack() as stack:
        scores = None
        if "windows" in kinds:
            scores = exports.WindowScores(output / "windows.parquet", detector)
            stack.callback(scores.close)
        for found in find(work, rules):
            if not found.heard.recording.fault:
                stem = stems[found.heard.name]
                exports.write_tables(output, found, stem, kinds, detector.hearing.rate_hz / 2)
            if scores is not None:
                scores.add(found)
            findings.add(found)
    if "csv" in kinds:
        write_whole(output / "detections.csv", exports.table(findings.detections))
    if "parquet" in kinds:
        write_whole(output / "detections.parquet", exports.parquet(findings.detections))
    write_whole(output / "hours.csv", exports.hours(findings.hours, detector.wanted))
    document = to_json(work.bundle, rules, findings.about)
    write_whole(output / "detections.json", written(document))
    return findings
