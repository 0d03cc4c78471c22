"""What the tests' emulator lacks of AWS: quotas, connections, offerings, images, monitoring."""

# ruff: noqa: N803 (the names are boto3's)

from typing import Any

from botocore.exceptions import ClientError

QUOTAS = {
    "ml.g5.xlarge for endpoint usage": 24.0,
    "ml.inf1.xlarge for endpoint usage": 12.0,
    "Running On-Demand Inf instances": 256.0,
    "Concurrently running builds for Linux/Large environment": 5.0,
    "Concurrently running builds for Linux GPU Small environment": 2.0,
    "Concurrently running builds for Linux/XLarge environment": 5.0,
}
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "so"}}, "Call")


class FakeAws:
    """An account where all is well, until a test says otherwise."""

    services = ("service-quotas", "codeconnections", "ec2", "sagemaker")

    def __init__(self) -> None:
        self.quotas = dict(QUOTAS)
        self.connection: str | None = "AVAILABLE"
        self.zones = ZONES
        self.offered = {"inf1.xlarge": ZONES, "inf1.6xlarge": ZONES}
        self.image: dict[str, str] | None = {
            "State": "available", "Name": "al2023-ami-ecs-neuron-hvm-2023"
        }  # fmt: skip
        self.vpcs: list[dict[str, Any]] = []
        self.schedules: list[dict[str, str]] = []
        self.denied = False

    def get_paginator(self, operation: str) -> "FakeAws":
        assert operation == "list_service_quotas"
        return self

    def paginate(self, ServiceCode: str) -> list[dict[str, Any]]:
        if self.denied:
            raise refused("AccessDeniedException")
        rows = [{"QuotaName": name, "Value": value} for name, value in self.quotas.items()]
        return [{"Quotas": rows[:2]}, {"Quotas": rows[2:]}]

    def get_connection(self, ConnectionArn: str) -> dict[str, Any]:
        if self.connection is None:
            raise refused("ResourceNotFoundException")
        return {"Connection": {"ConnectionStatus": self.connection}}

    def describe_availability_zones(self) -> dict[str, Any]:
        rows = [{"ZoneName": name, "State": "available"} for name in self.zones]
        return {"AvailabilityZones": rows}

    def describe_instance_type_offerings(
        self, LocationType: str, Filters: list[dict[str, Any]]
    ) -> dict[str, Any]:
        (kind,) = Filters[0]["Values"]
        rows = [{"InstanceType": kind, "Location": zone} for zone in self.offered.get(kind, ())]
        return {"InstanceTypeOfferings": rows}

    def describe_images(self, ImageIds: list[str]) -> dict[str, Any]:
        if self.image is None:
            raise refused("InvalidAMIID.NotFound")
        return {"Images": [self.image]}

    def describe_vpcs(self) -> dict[str, Any]:
        return {"Vpcs": self.vpcs}

    def list_monitoring_schedules(self, MaxResults: int) -> dict[str, Any]:
        return {"MonitoringScheduleSummaries": self.schedules[:MaxResults]}
