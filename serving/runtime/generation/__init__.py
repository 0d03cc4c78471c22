"""Generation by steps: one loop over an encoder and a step of its decoder, whatever runs them."""
