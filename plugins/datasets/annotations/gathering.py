"""All tables of a folder read: what is sound, what is damaged, what is no table at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from harness import Entry
from plugins.datasets.annotations.columns import Columns
from plugins.datasets.annotations.delimited import NoTable
from plugins.datasets.annotations.selections import Table
from plugins.datasets.annotations.tables import Unrecognised, read_table, several


class TableFile(NamedTuple):
    """A file that may be a table, and why it cannot be read if so."""

    name: str
    data: bytes
    fault: str = ""


@dataclass(slots=True)
class Gathered:
    """What the files hold.

    Parameters
    ----------
    spoilt
        Recordings whose own table cannot be read, so nothing is known of them.
    notes
        How tables were understood, in sentences.
    """

    tables: list[Table] = field(default_factory=list)
    faults: list[Entry] = field(default_factory=list)
    spoilt: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def gather(
    files: Iterable[TableFile],
    kind: str,
    columns: Columns,
    recording_of: Callable[[str], str | None],
) -> Gathered:
    """Read all files that may be tables.

    A text that looks like none is passed over, unless it is all that a recording has, or the
    only file there is.

    Parameters
    ----------
    recording_of
        Finds the recording of a table by the table's name.
    """
    gathered = Gathered()
    failed: list[tuple[str, NoTable]] = []
    for file in files:
        try:
            if file.fault:
                raise NoTable(file.fault)
            gathered.tables.append(read_table(file.name, file.data, kind, columns))
        except NoTable as error:
            failed.append((file.name, error))
    served = {recording_of(table.name) for table in gathered.tables}
    alone = len(failed) == 1 and not gathered.tables
    passed = []
    for name, reason in failed:
        own = recording_of(name)
        if isinstance(reason, Unrecognised) and not alone and (own is None or own in served):
            passed.append(name)
            continue
        gathered.faults.append(Entry(name, "", where=name, fault=str(reason)))
        gathered.spoilt += [own] if own else []
    if passed:
        gathered.notes.append(f"Passed over, for they are no tables: {several(passed)}.")
    gathered.notes += _understood(gathered.tables)
    return gathered


def _understood(tables: Sequence[Table]) -> list[str]:
    """Say how tables were understood, each way once with the tables that it was needed for."""
    noted: dict[str, list[str]] = defaultdict(list)
    for table in tables:
        for note in table.notes:
            noted[note].append(table.name)
    return [
        f"Table {names[0]}: it {note}."
        if len(names) == 1
        else f"Tables {several(names)}: each {note}."
        for note, names in noted.items()
    ]
