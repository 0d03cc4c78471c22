"""Copies a release by digest into an environment and lays out what its endpoints load."""
