"""Trains the two models that moderate ads: one reads the text, one looks at the picture."""
