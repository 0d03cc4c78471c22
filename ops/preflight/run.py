"""All checks of one environment; what an account does not answer is unknown, never fine."""

from collections.abc import Callable, Iterator

from botocore.exceptions import BotoCoreError, ClientError

from ops.preflight import exposure, hardware, quotas, tooling
from ops.preflight.finding import Finding
from ops.preflight.visit import Trip
from ops.visit import NoWayIn

Check = Callable[[Trip], Iterator[Finding]]
CHECKS: dict[str, Check] = {
    "bootstrap": tooling.bootstrap,
    "connection": tooling.connection,
    "gpu-builder": tooling.gpu_builder,
    "quota-builds": quotas.builds,
    "images": tooling.images,
    "zones": hardware.zones,
    "network": hardware.networks,
    "quota-sagemaker": quotas.endpoints,
    "quota-processing": quotas.processing,
    "quota-hosts": quotas.hosts,
    "quota-fargate": quotas.fargate,
    "offerings": hardware.offerings,
    "host-image": hardware.host_images,
    "certificate": exposure.certificates,
    "subscriptions": exposure.subscriptions,
    "model-monitor": exposure.model_monitor,
}
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


def preflight(trip: Trip) -> list[Finding]:
    """Return what every check finds, in their order."""
    return [finding for name, check in CHECKS.items() for finding in _try(name, check, trip)]


def _try(name: str, check: Check, trip: Trip) -> Iterator[Finding]:
    try:
        yield from check(trip)
    except NoWayIn as error:
        remedy = "run `cdk bootstrap --trust-for-lookup` there, or preflight with its credentials"
        yield Finding(name, "unknown", str(error), remedy)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        remedy = "use credentials that may read" if code in _DENIED else "ask again, or by hand"
        says = f"{error.operation_name} was answered {code} {message}".rstrip()
        yield Finding(name, "unknown", says, remedy)
    except BotoCoreError as error:
        yield Finding(name, "unknown", _first_line(error), "check region, credentials and network")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
