"""Puts a registry's APIs and resource types into MiniStack."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import ministack.app as ministack
from ministack.core import iam_actions, router
from ministack.services.cloudformation import provisioners

from local.emulator import happenings, keys, namespaces, ops_items, principals
from local.emulator.cloudformation import fixes, settling
from local.emulator.extension import Api, Call, Registry, ResourceType
from local.emulator.hooks import wrap

LOGGER = logging.getLogger("slipway")


class StatefulModule:
    """An added service in the shape that MiniStack's persistence expects of a module."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def handle_request(self, *request: Any) -> Any:
        """Answer a request."""
        return await self._api.handler(*request)

    def get_state(self) -> Mapping[str, Any]:
        """Return what is to be saved."""
        return self._api.service.save()

    def load_persisted_state(self, state: Mapping[str, Any]) -> None:
        """Take back what was saved."""
        self._api.service.load(state)

    def reset(self) -> None:
        """Forget everything."""
        self._api.service.load({})


def install(registry: Registry) -> None:
    """Plug every API and every resource type of the registry in."""
    for api in registry.apis.values():
        _install_api(api)
    _install_authorization(registry.apis)
    for name, resource_type in registry.types.items():
        provisioners._RESOURCE_HANDLERS[name] = _handlers(resource_type)
    fixes.install()
    settling.install()
    principals.install()
    keys.install()
    namespaces.install()
    ops_items.install()
    happenings.install()
    blocking = frozenset(registry.types)
    wrap(
        "ministack.services.cloudformation.stacks",
        "_runs_on_worker_thread",
        lambda original: lambda name: name in blocking or original(name),
    )
    # Loopback counts as TLS: bucket policies that demand `aws:SecureTransport` are then met.
    wrap("ministack.app", "pin_request_origin", lambda pin: lambda address, _: pin(address, True))


async def start(registry: Registry) -> None:
    """Start every added service."""
    for api in registry.apis.values():
        await api.service.start()


async def stop(registry: Registry) -> None:
    """Stop every added service, whatever happens to the others."""
    outcomes = await asyncio.gather(
        *(api.service.stop() for api in registry.apis.values()), return_exceptions=True
    )
    for name, outcome in zip(registry.apis, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            LOGGER.error("%s did not stop cleanly: %s", name, outcome)


def _install_api(api: Api) -> None:
    module = StatefulModule(api)
    key = f"slipway_{api.name}"
    router.SERVICE_PATTERNS[api.name] = {
        "target_prefixes": [api.target_prefix],
        "host_patterns": [],
        "credential_scope": api.name,
    }
    ministack.SERVICE_HANDLERS[api.name] = module.handle_request
    ministack._loaded_modules[key] = module
    ministack._state_map[key] = key


def _install_authorization(apis: Mapping[str, Api]) -> None:
    for api in apis.values():
        iam_actions.SERVICE_TO_IAM_NAMESPACE[api.name] = api.name
        if api.rest_models:
            iam_actions._BOTOCORE_SERVICE_MAP[api.name] = list(api.rest_models)

    def with_added_services(original: Any) -> Any:
        def resource_arn(
            service: str,
            method: str,
            path: str,
            headers: dict[str, str],
            body: bytes,
            query: dict[str, Any],
            region: str,
            account: str,
        ) -> str:
            api = apis.get(service)
            if api is None:
                found = original(service, method, path, headers, body, query, region, account)
                if service == "codebuild" and found == "*":
                    return _project_of_builds(body, region, account)
                if service == "monitoring" and found == "*":
                    return _alarm_described(body, region, account)
                if service == "batch":
                    return _definition_submitted(body) or str(found)
                if service == "ecs":
                    return _service_described(body, region, account) or str(found)
                return str(found)
            action = iam_actions.extract_iam_action(service, method, path, headers, body, query)
            name = (action or "").rpartition(":")[2]
            return api.resource(Call(name, path, body, account, region))

        return resource_arn

    wrap("ministack.core.iam_actions", "extract_resource_arn", with_added_services)


def _project_of_builds(body: bytes, region: str, account: str) -> str:
    """Return the project whose builds a call names: MiniStack derives none for those calls."""
    wanted = json.loads(body or b"{}")
    identifiers = wanted.get("ids") or [wanted.get("id")]
    if not identifiers[0]:
        return "*"
    project = str(identifiers[0]).rpartition(":")[0].rpartition("/")[2]
    return f"arn:aws:codebuild:{region}:{account}:project/{project}"


def _alarm_described(body: bytes, region: str, account: str) -> str:
    """Return the alarm that DescribeAlarms names: MiniStack knows calls about one alarm alone."""
    try:
        names = json.loads(body).get("AlarmNames") or []
    except (ValueError, AttributeError):
        names = parse_qs(body.decode(errors="replace")).get("AlarmNames.member.1", [])
    return f"arn:aws:cloudwatch:{region}:{account}:alarm:{names[0]}" if names else "*"


def _definition_submitted(body: bytes) -> str:
    """Return the job definition that SubmitJob names: MiniStack derives nothing for AWS Batch."""
    wanted = json.loads(body or b"{}")
    name = str(wanted.get("jobDefinition", "")) if isinstance(wanted, dict) else ""
    return name if name.startswith("arn:") else ""


def _service_described(body: bytes, region: str, account: str) -> str:
    """Return the service that DescribeServices names: MiniStack takes its cluster instead."""
    wanted = json.loads(body or b"{}")
    services = wanted.get("services") if isinstance(wanted, dict) else None
    if not services:
        return ""
    cluster = str(wanted.get("cluster", "default")).rpartition("/")[2]
    name = str(services[0]).rpartition("/")[2]
    return f"arn:aws:ecs:{region}:{account}:service/{cluster}/{name}"


def _handlers(resource_type: ResourceType) -> dict[str, Any]:
    return {
        "create": resource_type.create,
        "update": resource_type.update,
        "update_with_logical_id": True,
        "delete": resource_type.delete,
    }
