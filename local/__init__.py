"""The local cloud: AWS as far as Slipway needs it, on one machine's loopback."""
