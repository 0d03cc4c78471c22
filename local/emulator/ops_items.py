"""OpsItems, which MiniStack's SSM lacks: opened once per cause, described, resolved."""

import copy
import time
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from local.emulator import gateway
from local.emulator.api import ApiError
from local.emulator.hooks import wrap
from local.emulator.json_api import json_api

DEDUP = "/aws/dedup"
_ITEMS = AccountRegionScopedDict()

Json = dict[str, Any]


def install() -> None:
    """Answer these operations, and keep the items with the rest of SSM's state."""
    answer = json_api(
        {
            "CreateOpsItem": _create,
            "GetOpsItem": lambda wanted: {"OpsItem": _find(wanted)},
            "UpdateOpsItem": _update,
            "DescribeOpsItems": _describe,
        }
    )

    def choosing(original: Any) -> Any:
        async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
            ours = headers.get("x-amz-target", "").rpartition("OpsItem")[1]
            return await (answer if ours else original)(method, path, headers, body, query)

        return handle

    wrap("ministack.services.ssm", "handle_request", choosing)
    wrap("ministack.services.ssm", "get_state", _saving)
    wrap("ministack.services.ssm", "load_persisted_state", _loading)
    wrap("ministack.services.ssm", "reset", _resetting)


def _create(wanted: Json) -> Json:
    dedup = (wanted.get("OperationalData") or {}).get(DEDUP, {}).get("Value")
    for item in _ITEMS.values():
        same = (item.get("OperationalData") or {}).get(DEDUP, {}).get("Value") == dedup
        if dedup and same and item["Status"] != "Resolved":
            raise ApiError(
                "OpsItemAlreadyExistsException",
                f"An OpsItem with this deduplication string is open: {item['OpsItemId']}",
            )
    for key in ("Title", "Description", "Source"):
        if not wanted.get(key):
            raise ApiError("ValidationException", f"{key}: must not be empty")
    name, now = f"oi-{len(_ITEMS) + 1:012x}", time.time()
    times = {"CreatedTime": now, "LastModifiedTime": now}
    _ITEMS[name] = {**wanted, "OpsItemId": name, "Status": "Open", "Version": "1", **times}
    arn = f"arn:aws:ssm:{gateway.region()}:{gateway.account()}:opsitem/{name}"
    return {"OpsItemId": name, "OpsItemArn": arn}


def _find(wanted: Json) -> Json:
    found = _ITEMS.get(wanted["OpsItemId"])
    if found is None:
        raise ApiError("OpsItemNotFoundException", f"OpsItem {wanted['OpsItemId']} does not exist")
    return dict(found)


def _update(wanted: Json) -> Json:
    found = _find(wanted)
    _ITEMS[wanted["OpsItemId"]] = {**found, **wanted, "LastModifiedTime": time.time()}
    return {}


def _describe(wanted: Json) -> Json:
    def fits(item: Json) -> bool:
        return all(
            any(value in str(item.get(one["Key"], "")) for value in one["Values"])
            for one in wanted.get("OpsItemFilters", [])
        )

    found = [
        {key: value for key, value in item.items() if key not in ("Description", "Version")}
        for item in _ITEMS.values()
        if fits(item)
    ]
    return {"OpsItemSummaries": sorted(found, key=lambda item: -item["CreatedTime"])}


def _saving(original: Any) -> Any:
    return lambda: {**original(), "ops_items": copy.deepcopy(_ITEMS)}


def _loading(original: Any) -> Any:
    def load(state: Json | None) -> None:
        original(state)
        _ITEMS.update((state or {}).get("ops_items", {}))

    return load


def _resetting(original: Any) -> Any:
    def reset() -> None:
        _ITEMS.clear()
        original()

    return reset
