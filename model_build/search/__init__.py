"""The configuration search: which server settings serve the most while p99 keeps its bound."""
