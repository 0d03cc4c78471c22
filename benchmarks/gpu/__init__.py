"""Speed on a GPU: full-size architectures with random weights, every system in one run."""
