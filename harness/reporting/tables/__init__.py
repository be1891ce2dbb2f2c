"""Results in the terminal: the only room, beside the command line, that draws with rich."""
