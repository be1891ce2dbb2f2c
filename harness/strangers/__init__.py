"""What strangers wrote, made safe: names, labels, messages, the output of their code.

``text``
    Control characters shown instead of obeyed.
``output``
    What plugins print, kept off stdout.
"""
