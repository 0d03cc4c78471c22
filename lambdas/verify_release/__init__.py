"""Verifies that what is live is the release: configuration first, then answers."""
