"""One self-contained HTML file about a run: no network, no data but what is in it.

``page``
    Puts the sections into the template, which escapes by default.
``sections``, ``figures``
    What each section shows, as plain values.
``charts``
    Where marks and ticks lie, in percent: charts bend to the width, their text does not.
``scenes``
    Pictures as data URIs: the gallery, the disagreements of the best two.
``reproduction``
    The command line that makes the run again.
"""

from __future__ import annotations

from harness.reporting.html.page import render_report, write_report

__all__ = ["render_report", "write_report"]
