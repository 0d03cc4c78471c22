"""A caller's deadline, kept by every Python part: what waited too long is refused, not answered.

Triton's queues could do it, but with a policy for its queue its batcher now and then stalls
for half a second (triton-inference-server/server#8870; seen in 2.51 too). So ours is a parameter of
the request: `deadline`, in microseconds since 1970. All parts of an ensemble see it.
"""

import json
import time
from typing import Any

PARAMETER = "deadline"


class TooLate(Exception):
    """The caller has stopped waiting."""


def of(request: Any) -> int | None:
    """Return a request's deadline in microseconds since 1970, if it has one."""
    text = request.parameters()
    if not text or PARAMETER not in text:
        return None
    value = json.loads(text).get(PARAMETER)
    return int(value) if value is not None else None


def check(request: Any) -> None:
    """Compare a request's deadline with the clock.

    Raises:
        TooLate: It has passed.
    """
    deadline = of(request)
    if deadline is None:
        return
    late = time.time_ns() // 1000 - deadline
    if late > 0:
        raise TooLate(f"deadline passed {late / 1000:.1f} ms ago while the request waited: refused")
