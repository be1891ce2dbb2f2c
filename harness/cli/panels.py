"""The panels of options in the help of every verb, in their order."""

from __future__ import annotations

WHAT, HOW = "What is compared", "How it runs"
WHERE, SERVICES = "Where things are", "Services"
EVENTS = "Events in recordings"
ORDER = ("Arguments", WHAT, HOW, EVENTS, WHERE, SERVICES, "Commands", "Options")
"""What names no panel stands under the last."""
