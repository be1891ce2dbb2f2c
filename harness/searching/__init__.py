"""A better picture, found inside training; the holdout is looked at once, at the end.

``space``
    What may be varied: representations, improvements, and the values of their parameters.
``proposals``
    New ways to draw, from a seed and from what did best so far.
``race``
    Which of several candidates go on to the next folds, and why the others do not.
``trials``
    Candidates on folds inside training: cells of the ordinary store.
``rounds``
    One search inside one training side, within a budget.
``findings``
    What came of it, as tables and exports show it.
``looking``
    The one look at the holdout.
``search``
    From a plan to findings, on one split or several.
"""
