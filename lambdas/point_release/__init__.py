"""Moves an environment's pointer to a release that was verified in its present state."""
