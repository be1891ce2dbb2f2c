"""What a plugin's author declares, made into what it stands for.

``parameters``
    A parameter: its default, its help, its limits.
``checking``
    A value is what its parameter takes, or the reason why not.
``classes``
    A class statement becomes a frozen dataclass.
"""
