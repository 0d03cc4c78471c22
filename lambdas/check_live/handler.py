"""Lambda `check_live`: does what is live keep the pointer's promise?

AWS turns an update of an endpoint or a service back by itself when alarms ring or tasks fail, also
after the pipeline has gone on; and people deploy by hand. EventBridge calls this when an endpoint
or a deployment comes to rest, when the pointer moves, and now and then.
"""

import time
from collections.abc import Mapping
from typing import Any

from lambdas.check_live import aws
from lambdas.check_live.env import Settings
from lambdas.check_live.logic import broken, to_tell
from lambdas.common.log import Log

PAUSE_SECONDS = 10.0
"""How long a promise must be broken: a stage that failed is turned back a moment later."""


def handle(event: Mapping[str, Any], _context: object) -> dict[str, list[str]]:
    """Look, look again where something is wrong and nothing moves, and tell CloudWatch."""
    settings = Settings.from_environment()
    log = Log("check_live", str(event.get("id", "direct")))
    found = aws.findings(settings)
    if broken(found) and not aws.moving(settings):
        time.sleep(PAUSE_SECONDS)
        found = aws.findings(settings)
    moving = bool(broken(found)) and aws.moving(settings)
    told = to_tell(found, moving=moving)
    aws.tell(settings.place.environment, told, live=bool(found))
    wrong = [item.wrong for item in broken(told)]
    log("checked", targets=[item.target for item in told], moving=moving, wrong=wrong)
    return {"checked": [item.target for item in told], "wrong": wrong}
