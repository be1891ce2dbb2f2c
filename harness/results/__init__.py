"""What came of cells, on disk.

``record``, ``scores``, ``probabilities``
    One row of every table, and the figures behind it.
``predictions``
    What was said of each clip, from which every score can be computed again.
``recordings``
    Where clips lie in the recordings that they are cut from, and what was marked there.
``store``
    A folder a run, in it a folder a cell that appears whole or not at all.
"""
