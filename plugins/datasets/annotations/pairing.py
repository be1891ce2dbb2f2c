"""Tables and recordings brought together: whose rows these are, and whether they fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from harness import Entry
from plugins.datasets.annotations.selections import Damaged, Selections, Table, together
from plugins.datasets.annotations.tables import Recordings

OVER_END_S = 0.05
"""How far a selection may reach over the end of its recording: programs round."""


@dataclass(slots=True)
class Paired:
    """What tables say of one recording."""

    parts: list[Selections] = field(default_factory=list)
    blurred: list[tuple[float, float]] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)

    def selections(self) -> Selections:
        """Return all selections in order of time, each stretch and label once."""
        return together(self.parts).once()

    def doubled(self) -> int:
        """Count the rows that say what another one says."""
        return sum(map(len, self.parts)) - len(self.selections())


@dataclass(slots=True)
class Pairing:
    """What tables say of each recording, and the rows that cannot be used."""

    recordings: dict[str, Paired]
    faults: list[Entry] = field(default_factory=list)

    def labels(self) -> set[str]:
        """Return every label that stands in a table."""
        parts = (part for each in self.recordings.values() for part in each.parts)
        return {label for part in parts for label in part.labels}

    def damage(self, table: str, each: Damaged, recordings: Collection[str | None]) -> None:
        """Note a damaged row; windows that it may speak of are left out of these recordings."""
        where = f"{table} row {each.row}"
        self.faults.append(Entry(where, "", where=where, fault=each.why))
        for name in recordings:
            if name in self.recordings:
                self.recordings[name].blurred.append((each.start_s, each.end_s))

    def spoil(self, recording: str) -> None:
        """Note that nothing is known of a recording, for its table cannot be read."""
        self.recordings[recording].tables.append("")
        self.recordings[recording].blurred.append((-np.inf, np.inf))


def pair(
    tables: Sequence[Table],
    durations: Mapping[str, float],
    recording_of: Callable[[str], str | None],
    place: str,
) -> Pairing:
    """Give the rows of tables to their recordings.

    Parameters
    ----------
    durations
        The length of each recording (s), by name.
    recording_of
        Finds the recording of a table by the table's name.
    place
        Where the recordings are, for messages.
    """
    names = Recordings(durations)
    pairing = Pairing({name: Paired() for name in durations})
    for table in tables:
        own = recording_of(table.name)
        if own is not None:
            pairing.recordings[own].tables.append(table.name)
        for file, rows in _by_file(table.files):
            recording = names.named(file) if file else own
            if recording is None:
                _lost(pairing, table, file, rows, place)
            else:
                chosen = table.selections.take(rows)
                if table.ends_in:
                    chosen = _carry(pairing, names, table, rows, durations[recording])
                _give(pairing, table, rows, chosen, recording, durations[recording])
        spoken_of = {names.named(file) for file in set(table.files)} if own is None else {own}
        for damaged in table.damaged:
            named = names.named(damaged.file)
            pairing.damage(table.name, damaged, {named} if named else spoken_of)
        if own is None and not any(table.files) and not len(table.selections):
            _lost(pairing, table, "", np.arange(0), place)
    return pairing


def _by_file(files: Sequence[str]) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Group the rows of a table by the recording that they name."""
    groups: dict[str, list[int]] = {}
    for row, file in enumerate(files):
        groups.setdefault(file, []).append(row)
    for file, rows in groups.items():
        yield file, np.array(rows, dtype=np.intp)


def _lost(pairing: Pairing, table: Table, file: str, rows: NDArray[np.intp], place: str) -> None:
    """Note rows whose recording is not there: one fault for all that name the same."""
    if file:
        others = f", as {len(rows) - 1} other rows do" if len(rows) > 1 else ""
        why = f"names the recording {file!r}{others}; it is not in {place!r}"
        pairing.damage(table.name, Damaged(int(table.rows[rows[0]]), why), ())
        return
    why = (
        f"is a table without its recording: none in {place!r} has its name. Call it NAME.txt or "
        "NAME.Table.1.selections.txt after its recording, or add a column with the file names"
    )
    pairing.faults.append(Entry(table.name, "", where=table.name, fault=why))


def _carry(
    pairing: Pairing, names: Recordings, table: Table, rows: NDArray[np.intp], duration_s: float
) -> Selections:
    """Cut selections that end in the next file of a sequence, and give that their rest."""
    chosen = table.selections.take(rows)
    ends = chosen.end_s.copy()
    for place in np.flatnonzero((chosen.end_s > duration_s) & (chosen.start_s < duration_s)):
        row = int(rows[place])
        following = names.named(table.ends_in[row])
        if following is None or table.ends_in[row] == table.files[row]:
            continue
        rest = chosen.take([place])
        rest.start_s[0], rest.end_s[0] = 0.0, ends[place] - duration_s
        pairing.recordings[following].parts.append(rest)
        pairing.recordings[following].tables.append(table.name)
        ends[place] = duration_s
    return replace(chosen, end_s=ends)


def _give(
    pairing: Pairing,
    table: Table,
    rows: NDArray[np.intp],
    chosen: Selections,
    recording: str,
    duration_s: float,
) -> None:
    """Give rows to a recording, but for those that lie past its end."""
    begins_late = chosen.start_s >= duration_s
    ends_late = chosen.end_s > duration_s + OVER_END_S
    for row in np.flatnonzero(begins_late | ends_late).tolist():
        start, end = float(chosen.start_s[row]), float(chosen.end_s[row])
        what = f"begins at {start:g} s" if begins_late[row] else f"ends at {end:g} s"
        why = f"{what}, past the end of {recording!r} at {duration_s:.6g} s"
        damaged = Damaged(int(table.rows[rows[row]]), why, start, end)
        pairing.damage(table.name, damaged, [recording])
    paired = pairing.recordings[recording]
    paired.parts.append(chosen.take(~(begins_late | ends_late)))
    if table.name not in paired.tables:
        paired.tables.append(table.name)
