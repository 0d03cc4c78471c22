"""The runtime API: one invocation, routed to a variant by weight, measured, and answered."""

import random
from collections.abc import Mapping

from local.endpoints.control.crud import ENDPOINT
from local.endpoints.control.records import Records
from local.endpoints.control.shapes import Json
from local.endpoints.errors import AwsError, Response, runtime_validation, unavailable
from local.endpoints.fleet import Fleet
from local.endpoints.hosts.http import Answer
from local.endpoints.settings import Scope

PASSED_ON = ("content-type", "accept")
PASSED_ON_PREFIX = "x-amzn-sagemaker-"
TARGET_VARIANT = "x-amzn-sagemaker-target-variant"
ANSWERING = ("InService", "Updating", "RollingBack")


class Runtime:
    """Answers `POST /endpoints/NAME/invocations`."""

    def __init__(self, records: Records, fleet: Fleet) -> None:
        self._records = records
        self._fleet = fleet

    async def invoke(self, name: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one invocation.

        Args:
            name: The endpoint's name.
            headers: The request's headers, in lower case.
            body: The payload, which the container gets unchanged.

        Raises:
            AwsError: There is no such endpoint or variant, or the container failed.
        """
        scope = self._records.scope()
        record = self._records.of(ENDPOINT.noun, scope).get(name)
        if record is None:
            raise runtime_validation(f"Endpoint {name} of account {scope[0]} not found.")
        servers = self._fleet.servers_for_a_call(scope, name)
        if record["EndpointStatus"] not in ANSWERING or not servers:
            raise unavailable(name)
        variant = choose(record["ProductionVariants"], headers.get(TARGET_VARIANT))
        server = servers.get(variant["VariantName"])
        if server is None:
            raise unavailable(name)
        passed = {
            key: value
            for key, value in headers.items()
            if key in PASSED_ON or key.startswith(PASSED_ON_PREFIX)
        }
        status = 200
        try:
            with self._fleet.calling(server):
                answer = await server.invoke(body, passed)
        except AwsError as error:
            status = error.details.get("OriginalStatusCode") or error.status
            raise
        finally:
            self._measure(scope, name, variant, status)
        return 200, _headers(answer, variant["VariantName"]), answer.body

    def _measure(self, scope: Scope, name: str, variant: Json, status: int) -> None:
        counted = {
            "Invocations": 1.0,
            "InvocationsPerInstance": 1.0 / max(1, variant["CurrentInstanceCount"]),
            "Invocation4XXErrors": float(400 <= status < 500),
            "Invocation5XXErrors": float(status >= 500),
            "InvocationModelErrors": float(status >= 400),
        }
        for metric, value in counted.items():
            self._fleet.metrics.put(scope, name, variant["VariantName"], metric, value, "Count")


def choose(variants: list[Json], wanted: str | None) -> Json:
    """Return the variant that the caller names, or one at random by weight.

    Raises:
        AwsError: There is no variant of that name.
    """
    if wanted is not None:
        named = [variant for variant in variants if variant["VariantName"] == wanted]
        if not named:
            raise runtime_validation(f"Variant {wanted} not found for the endpoint.")
        return named[0]
    weights = [variant["CurrentWeight"] for variant in variants]
    if not any(weights):
        weights = [1.0] * len(variants)
    return random.choices(variants, weights)[0]  # noqa: S311 - traffic, not secrets


def _headers(answer: Answer, variant: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name.lower().startswith(PASSED_ON_PREFIX)
    }
    content_type = next(
        (value for name, value in answer.headers.items() if name.lower() == "content-type"),
        "application/octet-stream",
    )
    return kept | {"Content-Type": content_type, "x-Amzn-Invoked-Production-Variant": variant}
