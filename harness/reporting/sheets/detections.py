"""The surest and the least sure detections on two sheets: what was found, what to label next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.applying.detecting import Detection
from harness.applying.listening import Heard, Work
from harness.errors import PlanError
from harness.files.whole import write_whole
from harness.planning.ways import parse_ways
from harness.reporting.sheets.clips import draw_sheet
from harness.values import Entry, Pictures


def write_sheets(output: Path, work: Work, found: Sequence[Detection], count: int) -> list[Path]:
    """Draw the surest window of the `count` surest detections, and of the least sure.

    Raises
    ------
    PlanError
        The classifier looks at no pictures.
    OSError
        They cannot be written.
    """
    if not found:
        return []
    ranked = sorted(found, key=lambda each: (-each.score, each.recording, each.start_s))
    by_name = {heard.name: heard for heard in work.heard}
    written = []
    for name, chosen in (("surest", ranked[:count]), ("least-sure", ranked[::-1][:count])):
        path = output / f"{name}.png"
        write_whole(path, _sheet(work, by_name, chosen), durable=False)
        written.append(path)
    return written


def _sheet(work: Work, heard: Mapping[str, Heard], chosen: Sequence[Detection]) -> bytes:
    detector = work.bundle.detector
    _, scorer = work.kept.scorer()
    entries, pictures = [], []
    for each in chosen:
        own = heard[each.recording]
        seen = scorer.see([own.dataset.listen(own.recording.name, each.best)])
        shown = [
            (looked, member.representation)
            for looked, member in zip(seen, detector.members, strict=True)
            if isinstance(looked, Pictures)
        ]
        if not shown:
            raise PlanError(f"{detector.title} looks at no pictures: leave --sheet away.")
        looked, representation = shown[0]
        pictures.append(looked.pixels[0])
        at = f"{each.recording} {each.start_s:g} s"
        entries.append(Entry(at, f"{each.label} {each.score:.3f}"))
    way = parse_ways(representation, lambda name: False)[0]
    return draw_sheet(entries, {way: pictures})
