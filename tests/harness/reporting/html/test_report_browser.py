"""The report in headless Chromium: it loads without complaint, sorts, filters, fits a phone."""

from __future__ import annotations

import html as markup
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.analysis.redrawing import Redrawing
from harness.analysis.summary import Summary, summarise
from harness.pictures.gallery import Gallery
from harness.registry.discovery import Plugins
from harness.reporting.html import Subject, render_report
from harness.reporting.wording import summary as wording

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the PATH")

STRANGE = "<img src=x onerror=\"parent.postMessage('{}')\">,[red]x"

LISTEN = """<script>
window.complaints = [];
addEventListener("error", (e) => complaints.push(String(e.message || e.target.outerHTML)), true);
addEventListener("securitypolicyviolation", (e) => complaints.push(e.violatedDirective));
for (const kind of ["error", "warn"]) console[kind] = (...words) => complaints.push(String(words));
</script>"""

ACT = """<script>
const table = document.getElementById("ranked");
const column = (at) => [...table.tBodies[0].rows].filter((row) => !row.hidden)
  .map((row) => row.cells[at].textContent.trim());
const state = () => ({
  order: [...table.tBodies[0].rows].filter((row) => !row.hidden)
    .map((row) => row.cells[0].textContent.trim() + " × " + row.cells[1].textContent.trim()),
  sorted: [...table.tHead.rows[0].cells].map((cell) => cell.getAttribute("aria-sort")),
  shown: document.getElementById("shown").textContent,
});
const buttons = [...table.tHead.querySelectorAll("button")];
const named = (words) => buttons.find((b) => b.textContent.replaceAll("\\u00a0", " ") === words);
const filter = document.getElementById("filter");
const type = (words) => { filter.value = words; filter.dispatchEvent(new Event("input")); };
const found = { first: state(), holdout: column(2) };
const places = () => Object.fromEntries([...document.querySelectorAll("nav a")].map((link) => {
  const target = document.getElementById(link.hash.slice(1));
  return [link.hash, target ? Math.round(target.getBoundingClientRect().top + scrollY) : null];
}));
found.places = places();
found.chosen = document.querySelector(".lattice .chosen").textContent;
found.firstTable = document.querySelector("table").className;
found.title = document.querySelector("h1").textContent;
named("representation").focus();
found.focused = document.activeElement === named("representation");
document.activeElement.click();
found.byName = state();
document.activeElement.click();
found.byNameBack = state();
named("holdout %").click();
found.best = state();
named("holdout %").click();
found.worst = state();
type("LEVELS near");
found.filtered = state();
type("no such thing");
found.none = state();
type("");
const yardsticks = document.getElementById("yardsticks");
yardsticks.click();
found.real = state();
found.width = [document.documentElement.scrollWidth, innerWidth];
found.controls = document.getElementById("controls").hidden;
found.small = [...document.querySelectorAll("body *")]
  .filter((e) => e.childElementCount === 0 && e.textContent.trim() && e.checkVisibility())
  .map((e) => parseFloat(getComputedStyle(e).fontSize)).filter((size) => size < 14).length;
found.ground = getComputedStyle(document.body).backgroundColor;
found.complaints = complaints;
const tell = () => {
  yardsticks.click();
  found.placesAfter = places();
  found.landed = [...document.querySelectorAll("nav a")].map((link) => {
    link.click();
    return document.getElementById(link.hash.slice(1)).getBoundingClientRect().top;
  });
  found.bottom = document.documentElement.scrollHeight - innerHeight - scrollY;
  found.pictures = [...document.images].map((each) => [each.complete, each.naturalWidth]);
  const players = [...document.querySelectorAll("audio")];
  const lengths = players.map((each) => new Promise((done) => {
    each.addEventListener("loadedmetadata", () => done(each.duration));
    each.addEventListener("error", () => done(null));
    each.preload = "metadata";
    each.load();
  }));
  found.frames = [...document.querySelectorAll(".framed img")].map((each) => {
    const ends = [...each.parentElement.querySelectorAll(".axis-ticks span")]
      .map((tick) => tick.getBoundingClientRect());
    const box = each.getBoundingClientRect();
    return ends.every((tick) => tick.bottom >= box.top - 12 && tick.right >= box.left - 60
      && tick.top <= box.bottom + 24 && tick.left <= box.right + 12);
  });
  Promise.all(lengths).then((seconds) => {
    found.seconds = seconds;
    parent.postMessage(JSON.stringify(found), "*");
  });
};
for (const each of document.images) each.loading = "eager";
addEventListener("load", () => setTimeout(tell, 100));
</script>"""

FRAME = """<!DOCTYPE html><body><pre id="heard"></pre><script>
addEventListener("message", (e) => { document.getElementById("heard").textContent += e.data; });
</script><iframe src="copy.html" style="width:WIDTHpx;height:900px;border:0"></iframe>"""


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory, run_in: Callable[[Path], Any]) -> Summary:
    root = tmp_path_factory.mktemp("browser")
    quoted = STRANGE.replace("'", "\\'")
    run, _, _ = run_in(root)(
        dataset=f"tones[labels='{quoted}']",
        representations=["levels", "spectrogram", "levels[fault=raise]"],
        classifiers=["nearest-mean", "pixels-logistic", "majority"],
        splits=2,
        train_sizes=[12, 24],
        picture_height=56,
        picture_width=56,
    )
    found = summarise(run)
    row = found.row("levels", "nearest-mean")
    assert found.choice is not None
    assert row is not None
    return replace(found, choice=replace(found.choice, row=row))  # one that makes mistakes


@pytest.fixture(scope="module")
def report(summary: Summary, plugins: Plugins) -> str:
    gallery = Gallery(summary.run.folder.parents[2] / "cache")
    page = render_report([Subject(summary, Redrawing(summary.run, plugins, gallery))])
    assert page.missing == ()
    return page.html


def visit(report: str, folder: Path, width: int, *flags: str) -> dict[str, Any]:
    """Open an injected copy in a frame of this width; return what it saw of itself."""
    copy = report.replace("<head>", "<head>" + LISTEN, 1).replace("</body>", ACT + "</body>")
    (folder / "copy.html").write_text(copy, encoding="utf-8")
    (folder / "frame.html").write_text(FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    for budget_ms in (5_000, 20_000, 60_000):  # sounds load in real time, whatever the budget says
        shown = subprocess.run(
            [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
             "--allow-file-access-from-files", f"--user-data-dir={folder / 'profile'}",
             f"--virtual-time-budget={budget_ms}", *flags, (folder / "frame.html").as_uri()],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        heard = re.search(r'<pre id="heard">(.+?)</pre>', shown.stdout, re.DOTALL)
        if heard is not None:
            found: dict[str, Any] = json.loads(markup.unescape(heard[1]))
            return found
    raise AssertionError("The page did not say what it saw of itself.")


@pytest.fixture(scope="module")
def phone(report: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return visit(report, tmp_path_factory.mktemp("phone"), 390)


@pytest.fixture(scope="module")
def desk(report: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    dark = "--blink-settings=preferredColorScheme=0"
    return visit(report, tmp_path_factory.mktemp("desk"), 1280, dark)


def test_it_loads_without_complaint(phone: dict[str, Any], desk: dict[str, Any]) -> None:
    assert phone["complaints"] == desk["complaints"] == []


def test_every_picture_shows(phone: dict[str, Any], desk: dict[str, Any]) -> None:
    assert len(desk["pictures"]) >= 24
    for found in (phone, desk):
        assert all(done and width == 56 for done, width in found["pictures"])


def test_every_clip_can_be_heard(phone: dict[str, Any], desk: dict[str, Any]) -> None:
    """Chromium decodes it, though the tones have a rate that it refuses."""
    for found in (phone, desk):
        assert len(found["seconds"]) >= 12
        assert all(seconds == pytest.approx(0.5, abs=0.01) for seconds in found["seconds"])


def test_ticks_stand_at_their_pictures(phone: dict[str, Any], desk: dict[str, Any]) -> None:
    for found in (phone, desk):
        assert len(found["frames"]) >= 24
        assert all(found["frames"])


def test_a_printed_report_names_its_columns_on_every_page(report: str, tmp_path: Path) -> None:
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("there is no pdftotext on the PATH")
    table = re.search(r'<table id="ranked".*?<tbody>(.*?)</tbody>', report, re.DOTALL)
    assert table is not None
    long = report.replace(table[1], 12 * table[1])
    (tmp_path / "report.html").write_text(long, encoding="utf-8")
    assert CHROMIUM is not None
    subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
         f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={tmp_path / 'r.pdf'}",
         (tmp_path / "report.html").as_uri()],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    text = subprocess.run(
        [reader, "-layout", tmp_path / "r.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "Mistakes of the choice" in text
    assert "Filter rows" not in text
    pages = [page for page in text.split("\f") if page.count("nearest-mean") > 4]
    named = [page for page in pages if "Brier" in page and "ms/clip" in page]
    assert len(named) >= 3, "a table of many pages names its columns on the first alone"


def test_the_grid_comes_first_and_marks_the_choice(summary: Summary, desk: dict[str, Any]) -> None:
    assert summary.choice is not None
    assert desk["firstTable"] == "lattice"
    assert desk["chosen"].startswith(wording.percent(summary.choice.row.accuracy))
    assert "chosen" in desk["chosen"]


def test_links_land_where_they_say(phone: dict[str, Any], desk: dict[str, Any]) -> None:
    """Nothing moves when pictures arrive, and every section is at the top once it is asked for."""
    for found in (phone, desk):
        assert None not in found["places"].values()
        assert len(found["places"]) >= 8
        moved = [found["placesAfter"][name] - at for name, at in found["places"].items()]
        assert max(map(abs, moved)) <= 2, moved
        *tops, last = found["landed"]
        assert all(-2 <= top <= 40 for top in tops[:-2]), tops
        assert 0 <= last <= 900


def test_it_says_what_the_records_say(summary: Summary, desk: dict[str, Any]) -> None:
    ranked = summary.ranked()
    assert desk["first"]["order"] == [_shown(row) for row in ranked]
    assert desk["holdout"] == [wording.percent(row.accuracy) for row in ranked]
    assert desk["title"] == wording.headline(summary)
    assert desk["first"]["sorted"][2] == "descending"
    assert desk["controls"] is False


def _shown(row: Any) -> str:
    return row.title + ("" if row.status == "ok" else f" {row.status}")


def test_it_sorts_both_ways_and_says_so(summary: Summary, desk: dict[str, Any]) -> None:
    assert desk["focused"]
    names = [each.split(" × ")[0] for each in desk["byName"]["order"]]
    assert names == sorted(names)
    assert desk["byName"]["sorted"][0] == "ascending"
    assert [each.split(" × ")[0] for each in desk["byNameBack"]["order"]] == names[::-1]
    assert desk["byNameBack"]["sorted"][0] == "descending"
    assert desk["byNameBack"]["sorted"].count(None) == len(desk["byNameBack"]["sorted"]) - 1
    assert desk["best"]["sorted"][2] == "descending"
    assert desk["worst"]["sorted"][2] == "ascending"
    known = [row for row in summary.ranked() if row.accuracy is not None]
    worst = desk["worst"]["order"][: len(known)]
    by_title = {_shown(row): row.accuracy for row in summary.rows}
    accuracies = [by_title[title] for title in worst]
    assert None not in accuracies  # rows without a figure stay last, whichever way
    assert accuracies == sorted(accuracies)


def test_it_filters(summary: Summary, desk: dict[str, Any]) -> None:
    rows = len(summary.rows)
    fitting = [r for r in summary.rows if "levels" in r.representation and "near" in r.classifier]
    assert sorted(desk["filtered"]["order"]) == sorted(_shown(row) for row in fitting)
    assert desk["filtered"]["shown"] == f"{len(fitting)} of {rows} rows"
    assert desk["none"]["order"] == []
    real = [row for row in summary.rows if not row.control]
    assert desk["real"]["shown"] == f"{len(real)} of {rows} rows"


def test_a_phone_needs_no_sideways_scroll_and_no_magnifier(
    phone: dict[str, Any], desk: dict[str, Any]
) -> None:
    for found in (phone, desk):
        needed, there = found["width"]
        assert needed <= there
        assert found["small"] == 0
    assert phone["width"][1] == 390


def test_it_is_dark_where_dark_is_wanted(phone: dict[str, Any], desk: dict[str, Any]) -> None:
    light, dark = (sum(map(int, re.findall(r"\d+", found["ground"]))) for found in (phone, desk))
    assert light > 600
    assert dark < 120
