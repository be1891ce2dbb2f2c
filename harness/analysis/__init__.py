"""What results say.

``evidence``
    Who was right about which clip.
``rows``, ``choice``
    One representation with one classifier; which row is chosen, and by what.
``averages``, ``members``, ``ensembles``
    Cells averaged; whom to average; runs with such rows.
``summary``
    Rows, ties, gains and curves of a run: where every table and the report begin.
``pooling``
    All records of one row taken together.
``comparison``, ``durations``, ``ranking``
    What changed between two runs, in accuracy and in time; ranks over datasets.
``disagreement``, ``mistakes``, ``redrawing``
    The clips that two cells judge differently, or one gets wrong; their pictures drawn again.
``hearing``, ``units``
    Predictions laid along their recordings; what figures of these are drawn from.
``thresholds``, ``counting``, ``judging``, ``contrasts``
    A threshold that means something, chosen inside training for a promise; events of cells counted;
    a run judged by them, and what changed between two.
``cell_names``
    How a person names a cell.
"""
