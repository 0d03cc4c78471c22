"""Graphs that we write ourselves: encoder with cross caches, and one step of a decoder."""
