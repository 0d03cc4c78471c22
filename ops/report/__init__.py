"""One self-contained HTML page about a release: what it is, what was proven, how it moved."""
