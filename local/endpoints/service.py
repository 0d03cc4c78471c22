"""The local SageMaker as the emulator sees it: one handler, and a life of its own."""

import asyncio
import importlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from local import paths
from local.endpoints.cloud import Cloud, Keys, Unreadable
from local.endpoints.control import shapes
from local.endpoints.control.crud import Operation
from local.endpoints.control.endpoints import AtRest, Endpoints
from local.endpoints.control.operations import table
from local.endpoints.control.records import Records
from local.endpoints.errors import AwsError, Response, validation
from local.endpoints.fleet import Fleet
from local.endpoints.runtime import Runtime
from local.endpoints.settings import RequestScope, Settings

if TYPE_CHECKING:  # these import MiniStack, which only the emulator's environment has
    from local.emulator.extension import Call, Registry

NAME = "sagemaker"
INVOCATION = re.compile(r"/endpoints/([^/]+)/invocations")


class Part(Protocol):
    """Operations beside those on models and endpoints, and the work that they start."""

    def operations(self) -> dict[str, Operation]:
        """Return the operations by name."""

    async def start(self) -> None:
        """Look after what was under way when the emulator stopped."""

    async def stop(self) -> None:
        """End what is under way."""


class SageMaker:
    """Control plane and runtime of one local cloud."""

    def __init__(
        self, settings: Settings, cloud: Cloud, scope: RequestScope, at_rest: AtRest
    ) -> None:
        self.records = Records(scope)
        self.fleet = Fleet(settings, cloud)
        self._endpoints = Endpoints(self.records, self.fleet, at_rest)
        self._operations = table(self.records, self._endpoints)
        self._runtime = Runtime(self.records, self.fleet)
        self._parts: list[Part] = []

    def add(self, part: Part) -> None:
        """Serve further operations, which have work of their own."""
        self._operations |= part.operations()
        self._parts.append(part)

    async def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any
    ) -> Response:
        """Answer one request, of either API; nothing here blocks the event loop."""
        try:
            invocation = INVOCATION.fullmatch(path)
            if invocation is not None:
                name = unquote(invocation[1])
                return await self._runtime.invoke(name, headers, body)
            return await self._control(headers.get("x-amz-target", ""), body)
        except AwsError as error:
            return error.response()

    async def start(self) -> None:
        """Bring up the endpoints that the loaded records have in service."""
        self.fleet.clear()
        self._endpoints.restore()
        for part in self._parts:
            await part.start()

    async def stop(self) -> None:
        """End every host and job."""
        for part in self._parts:
            await part.stop()
        await self._endpoints.settle()
        await self.fleet.close()

    def save(self) -> dict[str, Any]:
        """Return every record as plain JSON."""
        return json.loads(json.dumps(self.records.dump()))  # type: ignore[no-any-return]

    def load(self, state: Mapping[str, Any]) -> None:
        """Take back what `save` returned."""
        self.records.load(dict(state))

    async def _control(self, target: str, body: bytes) -> Response:
        name = target.rpartition(".")[2]
        await asyncio.to_thread(shapes.service)
        operation = self._operations.get(name)
        if operation is None:
            known = name in shapes.operations()
            why = "is not served by the local cloud" if known else "is unknown"
            raise AwsError("UnknownOperationException", f"The operation {name} {why}.")
        try:
            request = json.loads(body or b"{}")
        except ValueError as error:
            raise validation(f"The request body is no JSON: {error}") from None
        shapes.check(name, request)
        answer = json.dumps(operation(request)).encode()
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, answer


def register(registry: "Registry") -> None:
    """Add SageMaker to the emulator, with its files in the local cloud's folder."""
    gateway = importlib.import_module("local.emulator.gateway")
    python = paths.PROJECT_BIN / "python"
    images = paths.ROOT / "serving"
    add(registry, Settings(gateway.endpoint(), paths.workplace().root, python, images))


def add(registry: "Registry", settings: Settings) -> None:
    """Add SageMaker to the emulator."""
    extension = importlib.import_module("local.emulator.extension")
    gateway = importlib.import_module("local.emulator.gateway")
    responses = importlib.import_module("ministack.core.responses")

    def assume(role: str) -> Keys:
        try:
            keys = gateway.assume(role, "SageMaker", "sagemaker.amazonaws.com")
        except gateway.AssumeRoleRefused as error:
            raise Unreadable(str(error)) from error
        return {
            "aws_access_key_id": keys.access_key,
            "aws_secret_access_key": keys.secret_key,
            "aws_session_token": keys.token,
        }

    service = SageMaker(
        settings,
        Cloud(settings.gateway, assume),
        lambda: (responses.get_account_id(), responses.get_region()),
        importlib.import_module("local.emulator.happenings").endpoint_at_rest,
    )
    registry.add_api(
        extension.Api(
            NAME,
            service.handle,
            service,
            target_prefix="SageMaker.",
            resource=resource_arn,
            rest_models=("sagemaker-runtime",),
        )
    )


RESOURCES = {
    "EndpointName": "endpoint",
    "EndpointConfigName": "endpoint-config",
    "ModelName": "model",
    "ProcessingJobName": "processing-job",
    "ModelPackageArn": "",
    "ModelPackageName": "model-package",
    "ModelPackageGroupName": "model-package-group",
    "MonitoringScheduleName": "monitoring-schedule",
    "JobDefinitionName": "data-quality-job-definition",
    "ResourceArn": "",
}


def resource_arn(call: "Call") -> str:
    """Return the ARN that IAM policies are checked against, `*` for an operation on none."""
    prefix = f"arn:aws:sagemaker:{call.region}:{call.account}"
    invocation = INVOCATION.fullmatch(call.path)
    if invocation is not None:
        return f"{prefix}:endpoint/{unquote(invocation[1]).lower()}"
    try:
        request = json.loads(call.body or b"{}")
    except ValueError:
        return "*"
    if call.action.startswith("List") and call.action != "ListTags":
        return "*"
    for member, kind in RESOURCES.items():
        name = request.get(member)
        if isinstance(name, str):
            return name if name.startswith("arn:") else f"{prefix}:{kind}/{name.lower()}"
    return "*"
