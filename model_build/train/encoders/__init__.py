"""Trains the intent and the duplicate head together, on the frozen MiniLM backbone."""
