"""The kinds of plugins; nothing here is slow to import."""

from __future__ import annotations

KINDS = ("dataset", "representation", "improvement", "classifier", "engine")
"""In the order in which a run meets them."""
