"""Drills on the running local cloud: what an operator relies on at night, done by day and timed."""
