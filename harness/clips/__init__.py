"""A dataset read and checked, and split.

``collection``, ``blocks``
    Every clip, read once, with what reading showed; some at a time, in workers.
``readings``, ``remembering``
    What reading showed, in columns; known again by the stamps of files.
``splits``
    A fixed split with folds inside training: saved, hashed, verified.
``split_kinds``
    The ways to split.
``inside``
    The training side of a split, its folds held out one by one.
"""
