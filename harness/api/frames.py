"""Rows under names, on their way to Arrow or pandas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.api.markup import table
from harness.errors import Unavailable

SHOWN = 20
"""Rows that a notebook shows of a frame."""


class Frame:
    """A table in memory.

    Parameters
    ----------
    columns
        Values of equal count under each name; None where there is none.
    """

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        self.columns = dict(columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Go through the rows, each as a dictionary."""
        names = list(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    def __repr__(self) -> str:
        return f"Frame of {len(self)} rows: {', '.join(self.columns)}"

    def _repr_html_(self) -> str:
        rows = [list(row.values()) for _, row in zip(range(SHOWN), self, strict=False)]
        more = f"<p>{SHOWN} of {len(self)} rows</p>" if len(self) > SHOWN else ""
        return table(list(self.columns), rows) + more

    def to_arrow(self) -> Any:
        """Return it as a ``pyarrow.Table``."""
        import pyarrow

        return pyarrow.table({name: list(values) for name, values in self.columns.items()})

    def to_pandas(self) -> Any:
        """Return it as a ``pandas.DataFrame``.

        Raises
        ------
        Unavailable
            pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise Unavailable(
                "to_pandas() needs pandas, not installed: pip install pandas. to_arrow() does "
                "without it, and so does going through the rows."
            ) from None
        return pandas.DataFrame(self.columns)
