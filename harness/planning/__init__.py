"""What a person wrote becomes a plan, and a plan becomes cells.

``specs``
    The written form, "mel[n_mels=64]+noise-removed", and what it stands for.
``ways``
    A representation with its improvements, or a stack of them.
``parameters``
    What may stand in a plugin's brackets.
``plan``
    Choices of a file and of flags, checked; the cells that they come to.
"""
