"""An AWS JSON API served by plain methods: one for each operation."""

import json
from collections.abc import Mapping

from ministack.core.concurrency import run_reentrant

from local.emulator.api import (
    ApiError,
    Handler,
    Operation,
    Response,
    error_response,
    json_response,
)


def json_api(table: Mapping[str, Operation]) -> Handler:
    """Return a handler that calls the operation which `X-Amz-Target` names.

    Operations run on a thread of their own with the caller's account and region, so they may
    block and may call back into the emulator.
    """

    async def handle(
        _method: str,
        _path: str,
        headers: dict[str, str],
        body: bytes,
        _query: dict[str, list[str]],
    ) -> Response:
        name = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        operation = table.get(name)
        try:
            if operation is None:
                raise ApiError(
                    "UnknownOperationException", f"the local cloud has no operation {name!r}"
                )
            answer = await run_reentrant(operation, json.loads(body or b"{}"))
            return json_response(answer)
        except ApiError as error:
            return error_response(error)

    return handle
