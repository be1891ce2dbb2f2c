"""Writes what the docs say of the code: ``python docs/reference.py``.

That is the reference part of plugins.md, a page on every verb, and their part of mkdocs.yml. Tests
hold that the files are what this makes.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import harness
from harness import contracts, errors, hookspecs
from harness.conformance import checks_of
from harness.contracts import PLUGIN_KINDS
from harness.registry.admission import hook_signatures
from harness.registry.discovery import load

PAGE = Path(__file__).parent / "plugins.md"
MARK = "<!-- From here on written by docs/reference.py: do not edit. -->"

CONTRACTS = (
    "Plugin", "Dataset", "Representation", "Plot", "Improvement", "LocalClassifier", "Classifier",
    "RasterClassifier", "SignalClassifier", "Fitted", "RemoteClassifier", "RemoteFitted", "Job",
    "Estimate", "Engine", "Crew", "Workplace",
)  # fmt: skip
VALUES = (
    "Entry", "Clip", "Signals", "Axis", "Raster", "Pictures", "PictureSettings", "Features",
    "Predictions", "Costs", "Reply", "Lost",
)  # fmt: skip

LIMITS_HEAD = """\
What a classifier looks at is computed in blocks and lies in a file where it is large; what it is
given to learn from must fit into memory. So each says how many training clips that may be
(`most_clips`); of more so many are drawn by lot, each class in its share, and the record
(`learnt`) and every table say how many of how many. What is held out is asked for in parts.

| classifier | learns from training clips |
|---|---|"""


def page(handwritten: str) -> str:
    """Return the whole page: what stands before the mark, then the reference."""
    return f"{handwritten.partition(MARK)[0]}{MARK}\n\n{reference()}"


def reference() -> str:
    """Return the reference: hooks, contracts, values, errors, checks, limits of classifiers."""
    return "\n".join(
        [
            *_section("Hooks", _hooks()),
            *_section("Contracts", _classes(contracts, CONTRACTS)),
            *_callable(contracts.parameter, "parameter"),
            *_section("Values", _classes(harness, VALUES)),
            *_section("Errors", ["```text", *_tree(), "```", ""]),
            *_section("Checks", _checks()),
            *_section("Classifiers and a million clips", _limits()),
        ]
    )


def written(name: str, signature: inspect.Signature) -> str:
    """Write a signature as it stands in the code, its annotations without quotes."""
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(signature))
    return f"def {name}" + re.sub(r"<dataclasses._MISSING_TYPE[^>]*>", "MISSING", text)


def _section(title: str, lines: Any) -> list[str]:
    return [f"## {title}", "", *lines]


def _hooks() -> Iterator[str]:
    for name, signature in hook_signatures().items():
        function = getattr(hookspecs, name)
        yield from (f"### {name}", "", "```python", written(name, signature), "```", "")
        yield from (_doc(function), "")


def _classes(module: Any, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        cls = getattr(module, name)
        yield from (f"### {name}", "", *_text(cls))
        fields = list(_declared(cls))
        if fields:
            yield from ("```text", *fields, "```", "")
        for method, function in vars(cls).items():
            public = not method.startswith("_") and inspect.getdoc(function)
            plain = getattr(function, "__func__", function)
            if public and inspect.isfunction(plain):
                yield from _callable(plain, method)


def _declared(cls: type) -> Iterator[str]:
    """Name the class variables and fields that a class itself declares."""
    for name, hint in inspect.get_annotations(cls).items():
        if name.startswith("_"):
            continue
        value = vars(cls).get(name, dataclasses.MISSING)
        simple = isinstance(value, (str, int, float, bool, tuple))
        yield f"{name}: {hint} = {value!r}" if simple else f"{name}: {hint}"


def _callable(function: Callable[..., Any], name: str) -> Iterator[str]:
    yield from ("```python", written(name, inspect.signature(function)), "```", "")
    yield from _text(function)


def _text(documented: Any) -> list[str]:
    return ["```text", _doc(documented), "```", ""]


def _doc(documented: Any) -> str:
    return inspect.getdoc(documented) or ""


def _tree() -> list[str]:
    lines = (errors.__doc__ or "").splitlines()
    return [line[4:] for line in lines if line.startswith("    ")]


def _checks() -> Iterator[str]:
    for kind in PLUGIN_KINDS:
        yield from (f"### Checks of a {kind}", "", "| check | asks | what to do |", "|---|---|---|")
        for check in checks_of(kind):
            remedy = check.remedy.replace("|", "\\|")
            yield f"| `{check.name}` | {check.asks} | {remedy} |"
        yield ""


def _limits() -> Iterator[str]:
    yield LIMITS_HEAD
    catalogue = load().catalogue
    for name in catalogue.names("classifier"):
        most = getattr(catalogue.find("classifier", name), "most_clips", None)
        learns = "all" if most is None else f"{most:,} at most, of more so many drawn by lot"
        yield f"| `{name}` | {learns} |"
    yield ""


def files() -> dict[Path, str]:
    """Return every file that is written from the code, as it should be."""
    sys.path.insert(0, str(PAGE.parent))
    import verbs

    def now(path: Path) -> str:
        return path.read_text(encoding="utf-8") if path.exists() else ""

    made = {PAGE: page(now(PAGE))}
    for verb in verbs.names():
        path = verbs.FOLDER / f"{verb}.md"
        made[path] = verbs.page(verb, now(path))
    first, nav = verbs.FOLDER / "index.md", PAGE.parents[1] / "mkdocs.yml"
    made[first] = verbs.index(now(first))
    made[nav] = verbs.navigation(now(nav))
    return made


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
