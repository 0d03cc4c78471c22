"""Reads and moves the pointers: SSM parameters."""

from lambdas.common import clients
from lambdas.point_release.env import Settings
from lambdas.point_release.logic import NOTHING, Pointers

NAMESPACE = "Slipway/Releases"


def read(settings: Settings) -> Pointers:
    """Return where the pointers are."""
    return Pointers(_get(settings.release_parameter), _get(settings.previous_parameter))


def write(settings: Settings, now: Pointers, then: Pointers) -> None:
    """Move the pointers, that of the live release last."""
    ssm = clients.client("ssm")
    for name, before, after in (
        (settings.previous_parameter, now.previous, then.previous),
        (settings.release_parameter, now.release, then.release),
    ):
        if before != after:
            ssm.put_parameter(Name=name, Value=after, Type="String", Overwrite=True)


def tell(environment: str, *, back: bool) -> None:
    """Tell CloudWatch that the pointer was set, and whether to a release that was live before."""
    clients.client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": "RolledBack",
                "Dimensions": [{"Name": "Environment", "Value": environment}],
                "Value": float(back),
                "Unit": "Count",
            }
        ],
    )


def _get(name: str) -> str:
    ssm = clients.client("ssm")
    try:
        return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return NOTHING
