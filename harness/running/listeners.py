"""Plugins that listen to a run: one that fails is named, and the run goes on."""

from __future__ import annotations

from typing import Any

from harness.errors import one_line
from harness.running.options import Session


def tell_listeners(session: Session, name: str, **what: Any) -> None:
    """Call an event hook of every plugin module that has it.

    A plugin that raises is told to the observer, with the hook and the reason; the others hear
    all the same.
    """
    for each in reversed(getattr(session.hook, name).get_hookimpls()):
        try:
            each.function(*(what[key] for key in each.argnames))
        except (Exception, SystemExit) as error:  # a stranger's plugin
            session.observer.tell(
                f"{each.plugin_name}: {name}() failed ({one_line(error)}). No figure depends on "
                "it; the run goes on."
            )
