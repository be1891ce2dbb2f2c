"""The source of plugins: where it lies, what it says, whether it changed.

``files``
    Single plugin files, loaded by path.
``digests``
    A hash of all that a plugin class is made of.
``kinds``
    The kinds of plugins.
``places``
    Where a plugin came from, in words.
"""
