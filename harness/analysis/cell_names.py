"""How a person names a cell of a finished run: "mel/pca-svm", "noise-removed/hog-svm".

Several of them averaged are "average(mel/pca-svm, noise-removed/hog-svm)"; "ensemble" is what was
chosen inside training.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from harness.analysis.rows import Row
from harness.errors import SpecError, StoreError
from harness.planning.specs import BASE_REPRESENTATION, Chain, Spec, parse_specs
from harness.planning.ways import AVERAGE, ENSEMBLE, Stack, Way, chains_of, parse_ways
from harness.results.store import list_runs

SEPARATORS = ("×", "/")
"""Between representation and classifier: as tables print it, and as it is typed."""


def cell_name(representation: str, classifier: str) -> str:
    """Write a cell as it is typed."""
    return f"{representation}/{classifier}"


def split_cell_name(written: str) -> tuple[str, str]:
    """Cut "representation/classifier" at the last separator outside brackets and quotes.

    Raises
    ------
    SpecError
        There is none, or nothing on one side of it.
    """
    places = [place for place, letter in _outside(written) if letter in SEPARATORS]
    found = places[-1] if places else -1
    left, right = written[: max(found, 0)].strip(), written[found + 1 :].strip()
    if found < 0 or not left or not right:
        raise SpecError(f"{written!r} names no cell: write representation/classifier, mel/pca-svm.")
    return left, right


def is_average(written: str) -> bool:
    """Say whether a text is an average, "average(...)"."""
    text = written.strip()
    return text.startswith(f"{AVERAGE}(") and text.endswith(")")


def average_name(cells: Sequence[tuple[str, str]]) -> str:
    """Write an average of cells, each a representation and a classifier."""
    return f"{AVERAGE}({', '.join(cell_name(*cell) for cell in cells)})"


def named_average(written: str) -> list[str]:
    """Return the cells that an average names.

    Raises
    ------
    SpecError
        The text is no average, or names fewer than two cells.
    """
    if not is_average(written):
        raise SpecError(f"{written!r} is no average: write average(mel/pca-svm, mel/hog-svm).")
    inside = written.strip()[len(AVERAGE) + 1 : -1]
    commas = [place for place, letter in _outside(inside) if letter == ","]
    edges = [-1, *commas, len(inside)]
    cells = [inside[a + 1 : b].strip() for a, b in itertools.pairwise(edges)]
    if len(cells) < 2 or not all(cells):
        raise SpecError(f"{written!r} needs two or more cells, with a comma between them.")
    for cell in cells:
        split_cell_name(cell)
    return cells


def _outside(written: str) -> Iterator[tuple[int, str]]:
    """Go through the letters of a text that are outside brackets and quotes."""
    depth, quote = 0, ""
    for place, letter in enumerate(written):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "[(":
            depth += 1
        elif letter in "])":
            depth -= 1
        elif depth == 0:
            yield place, letter


def names_cells(written: Sequence[str], results: Path) -> bool:
    """Say whether texts name cells and none of them names a run."""
    runs = [run.name for run in list_runs(results)]
    return all(
        _readable(each)
        and not (Path(each) / "plan.json").exists()
        and not any(each in name for name in runs)
        for each in written
    )


def find_row(rows: Sequence[Row], written: str, where: str) -> Row:
    """Find the row that a person named; parameters may stand in any order.

    Parameters
    ----------
    rows
        All rows of a run.
    where
        The run, for the error.

    Raises
    ------
    SpecError
        The text names no cell at all.
    StoreError
        The run has no such cell; the message says what it has.
    """
    if is_average(written) or written.strip() == ENSEMBLE:
        return _find_averaged(rows, written.strip(), where)
    wanted = _canonical(*split_cell_name(written))
    for row in rows:
        if (row.representation, row.classifier) in wanted or _equal(written, row):
            return row
    names = [cell_name(row.representation, row.classifier) for row in rows]
    near = get_close_matches(cell_name(*wanted[0]), names, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise StoreError(f"{where} has no cell {written!r}.{hint} It has: {', '.join(names)}.")


def _find_averaged(rows: Sequence[Row], written: str, where: str) -> Row:
    for row in rows:
        if row.representation == written or (
            is_average(written) and is_average(row.representation) and _same(written, row)
        ):
            return row
    raise StoreError(f"{where} has no row {written!r}.")


def _same(written: str, row: Row) -> bool:
    """Say whether an average of a person's words is that of a row."""
    wanted, have = named_average(written), named_average(row.representation)
    rows = [Row(*split_cell_name(each), ()) for each in have]
    return len(wanted) == len(have) and all(map(_equal, wanted, rows))


def _equal(written: str, row: Row) -> bool:
    """Say whether a text means a row though it writes a number otherwise: 0 for 0.0."""
    representation, classifier = split_cell_name(written)
    try:
        ways = _standing(parse_ways(representation, lambda name: False)[0])
        own = parse_ways(row.representation, lambda name: False)[0]
        return own in ways and parse_specs(classifier) == parse_specs(row.classifier)
    except SpecError:
        return False


def _readable(written: str) -> bool:
    if written.strip() == ENSEMBLE:
        return True
    try:
        if is_average(written):
            return all(map(_readable, named_average(written)))
        representation, classifier = split_cell_name(written)
        parse_ways(representation, lambda name: False)
        parse_specs(classifier)
    except SpecError:
        return False
    return True


def _canonical(representation: str, classifier: str) -> list[tuple[str, str]]:
    """Write both as records do; an improvement alone may stand on the base representation."""
    try:
        way = parse_ways(representation, lambda name: False)[0]
        spec = parse_specs(classifier)[0]
        return [(str(each), str(spec)) for each in _standing(way)]
    except SpecError:
        return [(representation, classifier)]


def _standing(way: Way) -> list[Way]:
    """Return a way as it is, and with any of its chains standing on the base representation."""
    choices = [(chain, _on_base(chain)) for chain in chains_of(way)]
    if isinstance(way, Stack):
        return [Stack(parts) for parts in itertools.product(*choices)]
    return list(choices[0])


def _on_base(chain: Chain) -> Chain:
    return Chain(Spec(BASE_REPRESENTATION), (chain.representation, *chain.improvements))
