"""Reads pointer, release and servers, and tells CloudWatch what was found."""

from collections.abc import Sequence

from catalog.bucket import Bucket
from catalog.release import ReleaseContext
from lambdas.check_live.env import Settings
from lambdas.check_live.logic import NOTHING, Finding, finding
from lambdas.common import clients
from lambdas.common.documents import read_release
from lambdas.common.fitting import fit
from lambdas.common.live import look_at, servers_of
from lambdas.common.promotion import verification
from lambdas.common.refused import Refused
from lambdas.common.stage import under_way

NAMESPACE = "Slipway/Releases"


def findings(settings: Settings) -> list[Finding]:
    """Return how each server stands beside the release that the pointer names now."""
    live = _pointer(settings.release_parameter)
    if live == NOTHING:
        return []
    bucket = settings.place.bucket()
    release = read_release(bucket, live, settings.place.verify())
    return [_of(settings, bucket, release, kind, name) for kind, name in servers_of(release)]


def moving(settings: Settings) -> bool:
    """Say whether a deployment or a rollback is under way in the environment."""
    return under_way(clients.delivery(), settings.pipeline, settings.stage)


def tell(environment: str, found: Sequence[Finding], *, live: bool) -> None:
    """Put what was found as metrics, and whether anything is live: drift is looked for then."""
    data = [_datum("Live", float(live), Environment=environment)]
    data += [
        _datum("Unpromised", float(bool(item.wrong)), Environment=environment, Target=item.target)
        for item in found
    ]
    clients.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)


def _of(
    settings: Settings, bucket: Bucket, release: ReleaseContext, kind: str, name: str
) -> Finding:
    environment = settings.place.environment
    target = f"slipway-{environment}-{name}"
    try:
        server = look_at(environment, kind, name)
    except Refused as error:
        return Finding(target, str(error))
    fits = fit(server, release, settings.place.environment_bucket)
    verified = bucket.exists(verification(release.hex, server.digest()))
    return finding(target, fits.foreign, verified=verified)


def _pointer(name: str) -> str:
    return str(clients.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def _datum(name: str, value: float, **dimensions: str) -> dict[str, object]:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": given} for key, given in dimensions.items()],
        "Value": value,
        "Unit": "Count",
    }
