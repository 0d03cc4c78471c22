"""Adds a Model Registry version for each artifact of a release."""
