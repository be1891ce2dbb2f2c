"""Files of our own: they appear whole or not at all, and are believed only when read back soundly.

``whole``
    A file or folder written beside, flushed to disk, renamed.
``documents``
    Typed values as JSON, and the one door through which they come back.
``places``
    Where things are kept of which a person did not say where.
"""
