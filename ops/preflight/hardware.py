"""Checks of zones, machines and host images."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from ops.preflight import needs
from ops.preflight.finding import Finding
from ops.preflight.visit import Trip


def zones(trip: Trip) -> Iterator[Finding]:
    """Ask whether the environment's zones exist in its account."""
    wanted = trip.environment.network.zones
    listed = trip.client("ec2").describe_availability_zones()["AvailabilityZones"]
    known = {item["ZoneName"] for item in listed if item.get("State") == "available"}
    missing = [zone for zone in wanted if zone not in known]
    if missing:
        remedy = f"write others into network.zones: {', '.join(sorted(known))}"
        yield Finding("zones", "fail", f"no zone {', '.join(missing)} in this account", remedy)
    else:
        yield Finding("zones", "pass", f"zones {', '.join(wanted)} are available")


def offerings(trip: Trip) -> Iterator[Finding]:
    """Ask in which of the environment's zones EC2 offers the hosts' types."""
    ec2 = trip.client("ec2")
    wanted = trip.environment.network.zones
    for kind in dict.fromkeys(need.instance for need in needs.host_needs(trip.environment)):
        found = ec2.describe_instance_type_offerings(
            LocationType="availability-zone",
            Filters=[{"Name": "instance-type", "Values": [kind]}],
        )["InstanceTypeOfferings"]
        offered = {item["Location"] for item in found if item["InstanceType"] == kind}
        here = [zone for zone in wanted if zone in offered]
        elsewhere = ", ".join(sorted(offered)) or "none"
        remedy = f"choose network.zones among those that have it: {elsewhere}"
        if not here:
            yield Finding("offerings", "fail", f"no zone of {', '.join(wanted)} has {kind}", remedy)
        elif len(here) < len(wanted):
            lacking = ", ".join(zone for zone in wanted if zone not in here)
            yield Finding("offerings", "warn", f"{kind} is not in {lacking}", remedy)
        else:
            yield Finding("offerings", "pass", f"{kind} is offered in {', '.join(here)}")


def host_images(trip: Trip) -> Iterator[Finding]:
    """Ask whether the pinned host images exist and are what hosts of Inferentia need."""
    services, jobs = trip.environment.services.values(), trip.environment.batch.values()
    pinned = [*(size.ami for size in services), *(size.ami for size in jobs)]
    ec2 = trip.client("ec2")
    for ami in dict.fromkeys(ami for ami in pinned if ami):
        remedy = (
            "put the id into ami that `aws ssm get-parameter --name"
            " /aws/service/ecs/optimized-ami/amazon-linux-2023/neuron/recommended/image_id` names"
        )
        try:
            found = ec2.describe_images(ImageIds=[ami])["Images"]
        except ClientError as error:
            if not error.response["Error"]["Code"].startswith("InvalidAMIID"):
                raise
            found = []
        if not found or found[0].get("State") != "available":
            yield Finding("host-image", "fail", f"no image {ami} in {trip.here.region}", remedy)
        elif "neuron" not in found[0].get("Name", "").lower():
            name = found[0].get("Name", "without a name")
            yield Finding("host-image", "warn", f"{ami} is {name}, not a Neuron image", remedy)
        else:
            yield Finding("host-image", "pass", f"{ami} is {found[0]['Name']}")


def networks(trip: Trip) -> Iterator[Finding]:
    """Ask whether the environment's address range is free among the account's networks."""
    cidr = trip.environment.network.cidr
    stack = f"slipway-{trip.environment.name}-base"
    taken = [
        vpc["VpcId"]
        for vpc in trip.client("ec2").describe_vpcs()["Vpcs"]
        if vpc.get("CidrBlock") == cidr
        and not any(tag["Value"].startswith(stack) for tag in vpc.get("Tags", []))
    ]
    if taken:
        says = f"{', '.join(taken)} has the range {cidr} too"
        yield Finding("network", "warn", says, "choose another network.cidr if they may ever meet")
    else:
        yield Finding("network", "pass", f"no other network has {cidr}")
