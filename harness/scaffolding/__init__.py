"""The files that a new plugin begins with."""
