"""A winner kept in a bundle, and put to work on new recordings.

``detector``
    What a bundle says of itself: how it draws, what learnt, from what, with what figures.
``arrays`` ``bundle``
    Arrays as bytes; parts in one file, each with its hash; nothing in it is run.
``scoring`` ``probes``
    Scores of windows by what is kept; a self-test of a few clips.
``keeping`` ``restoring``
    A cell of a run becomes a bundle; a bundle becomes plugins that are installed here.
``listening`` ``blocks``
    Recordings, block by block, in workers; what is finished is kept.
``detecting``
    Scores become detections.
"""
