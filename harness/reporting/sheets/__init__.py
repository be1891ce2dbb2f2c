"""Pictures of clips as files, and many of them on one sheet."""
