"""One self-contained HTML file about a run: no network, no data but what is in it.

``page``
    Puts the sections into the template, which escapes by default.
``sections``, ``figures``, ``times``
    What each section shows, as plain values.
``charts``
    Where marks and ticks lie, in percent: charts bend to the width, their text does not.
``scenes``
    The clips that are shown: the gallery, mistakes of the choice, disagreements of the best two.
``framed``, ``sounds``
    Their pictures, with axes, and their sounds as data URIs.
``ranks``
    What a page of several data sets begins with.
"""

from __future__ import annotations

from harness.reporting.html.page import Subject, render_report, write_report

__all__ = ["Subject", "render_report", "write_report"]
