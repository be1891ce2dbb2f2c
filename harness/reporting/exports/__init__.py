"""Results for other programs: JSON, CSV, Markdown, LaTeX."""
