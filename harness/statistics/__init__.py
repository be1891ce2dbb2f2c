"""Which differences are real: pure functions on arrays, one idea a module.

``paired``
    Two cells compared clip by clip.
``ties``
    All cells of a table against each other, with Holm's correction and tie letters.
``mcnemar``, ``corrections``
    McNemar's test, the interval of a paired difference; Holm's correction.
``letters``
    Tie letters: rows that cannot be told apart share one.
``groups``
    A bootstrap over speakers, tapes, sites or blocks, with the same draws for every cell.
``intervals``
    How far an accuracy may be off, for new clips and for new recordings.
``power``
    The smallest difference that a holdout could detect.
``choosing``
    What the choice of the best of many is worth, where it was made by looking.
``ensembles``
    Whom to average, and how much each counts.
``gains``
    What a representation adds to the plain one.
``dependence``
    Whether that depends on the classifier.
``curves``
    How many training clips are enough.
``ranks``
    Several datasets: ranks and cliques of a critical-difference diagram.
``agreement``
    Where two cells disagree.
``classification``
    Precision, recall, F1 and ROC-AUC.
``calibration``, ``scaling``
    Whether probabilities mean what they say; how they are made to.
``precision``
    How pure a ranking is from the top down.
``events``, ``alarms``, ``drawn``
    Windows of long recordings joined to events; false alarms an hour against recall; intervals of
    such figures, by drawing recordings.
"""
