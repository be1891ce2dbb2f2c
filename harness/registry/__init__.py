"""Where plugins come from, what is asked of them, and names to classes to instances.

``discovery``
    Entry points and single files.
``admission``
    What a module and its classes must be like.
``catalogue``
    Kind and name to plugin.
``guessing``
    A path to the dataset that reads it.
``objects``
    Plugins passed as objects, not as words.
``resolution``
    A plan's words to plugins, or the reason why they are not to be had.
"""
