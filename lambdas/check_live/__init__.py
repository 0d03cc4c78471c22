"""Compares what is live with what the pointer promises."""
