"""What results look like to people and to programs.

``wording``
    Results in sentences: the same for every output.
``tables``, ``sheets``, ``html``
    In the terminal; pictures side by side; one HTML file.
``exports``
    JSON, CSV, Markdown, LaTeX.
"""
