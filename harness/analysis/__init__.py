"""What results say.

``evidence``
    Who was right about which clip.
``summary``
    Rows, ties, gains and curves of a run: where every table and the report begin.
``pooling``
    All records of one row taken together.
``comparison``, ``durations``, ``ranking``
    What changed between two runs, in accuracy and in time; ranks over datasets.
``disagreement``, ``redrawing``
    The clips that two cells judge differently, and their pictures drawn again.
``cell_names``
    How a person names a cell.
"""
