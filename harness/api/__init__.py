"""Comparisons from Python: what ``harness.compare`` and ``harness.open_results`` do and return.

``comparing``
    Choices, objects among them, become results, by the same road as the command line's.
``results``
    What came of it: the chosen cell, comparisons, frames.
``frames``
    Rows under names, for Arrow and pandas.
``markup``
    What a notebook shows.
``progress``
    How far it is, in a notebook as in a terminal.
"""
