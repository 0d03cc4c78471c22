"""`ExecuteChangeSet` answers once its stack has settled, or after some seconds.

AWS answers at once. `cdk deploy` then looks at the stack, and again only after five seconds: most
stacks settle here in one, so its first look may as well find them done.
"""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs

from ministack.services import cloudformation

from local.emulator.hooks import wrap

LONGEST_S = 10.0
LOOK_S = 0.05


def install() -> None:
    """Let the call wait."""
    wrap("ministack.services.cloudformation", "handle_request", _settling)


def _settling(original: Any) -> Any:
    async def handle(*arguments: Any, **named: Any) -> Any:
        answer = await original(*arguments, **named)
        asked = _asked(arguments)
        if asked.get("Action") == ["ExecuteChangeSet"]:
            await _settled(asked.get("StackName", [""])[0])
        return answer

    return handle


def _asked(arguments: tuple[Any, ...]) -> dict[str, list[str]]:
    """Return the form of a request, which is its body."""
    body = next((item for item in arguments if isinstance(item, bytes)), b"")
    return parse_qs(body.decode("utf-8", errors="replace"))


async def _settled(stack: str) -> None:
    name = stack.split("/")[1] if stack.startswith("arn:") else stack
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        found = cloudformation._stacks.get(name)
        if found is None or not str(found["StackStatus"]).endswith("_IN_PROGRESS"):
            return
        await asyncio.sleep(LOOK_S)
