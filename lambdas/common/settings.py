"""Settings that a function's stack hands it as environment variables."""

import os

from lambdas.common.refused import Refused


def required(name: str) -> str:
    """Return an environment variable.

    Raises:
        Refused: It is not set.
    """
    value = os.environ.get(name)
    if not value:
        raise Refused(f"{name}: not set; the function's stack sets it, so deploy that stack again")
    return value
