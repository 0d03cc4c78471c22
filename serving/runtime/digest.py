"""The SHA-256 of a stream, in words that the frozen containers' Python 3.10 has too."""

import hashlib
from typing import Protocol

CHUNK = 1 << 20


class Readable(Protocol):
    """An open binary file."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes; none at the end."""


def sha256_of(stream: Readable) -> str:
    """Return the SHA-256 of what is left of a stream, in hex; reads it in pieces."""
    state = hashlib.sha256()
    while piece := stream.read(CHUNK):
        state.update(piece)
    return state.hexdigest()
