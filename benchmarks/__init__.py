"""Commands that measure what the README claims; each prints where and when it was taken."""
