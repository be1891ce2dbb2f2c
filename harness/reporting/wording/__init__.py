"""Results in words: the same sentences for the terminal, the exports and the report."""
