"""Why an alarm rings: what it saw, what changed before it, and what to do."""
