"""Reproducible training recipes; `python -m model_build.train` lists them."""
