"""Every operation of the control plane by name."""

from local.endpoints.control.crud import (
    CONFIG,
    JOB_DEFINITION,
    MODEL,
    SCHEDULE,
    Crud,
    Kind,
    Operation,
)
from local.endpoints.control.endpoints import Endpoints
from local.endpoints.control.packages import Packages
from local.endpoints.control.records import Records
from local.endpoints.control.shapes import Json
from local.endpoints.errors import validation
from local.endpoints.hosts.images import check_model


def table(records: Records, endpoints: Endpoints) -> dict[str, Operation]:
    """Return the operations that are served here."""
    models, configs = Crud(MODEL, records), Crud(CONFIG, records)
    packages = Packages(records)

    def create_model(request: Json) -> Json:
        check_model(request)
        return models.create(request)

    def create_config(request: Json) -> Json:
        names = [variant["VariantName"] for variant in request["ProductionVariants"]]
        if len(set(names)) < len(names):
            raise validation("Production variant names must be unique within a configuration.")
        for variant in request["ProductionVariants"]:
            models.find(variant.get("ModelName", ""))
        return configs.create(request)

    schedules = Crud(SCHEDULE, records)

    def create_schedule(request: Json) -> Json:
        config = request["MonitoringScheduleConfig"]
        kind = config.get("MonitoringType", "DataQuality")
        schedules.add(request, MonitoringScheduleStatus="Scheduled", MonitoringType=kind)
        return {"MonitoringScheduleArn": schedules.find(request[SCHEDULE.key])[SCHEDULE.arn]}

    def update_schedule(request: Json) -> Json:
        record = schedules.find(request["MonitoringScheduleName"])
        record["MonitoringScheduleConfig"] = request["MonitoringScheduleConfig"]
        return {"MonitoringScheduleArn": record["MonitoringScheduleArn"]}

    def set_schedule(status: str) -> Operation:
        def change(request: Json) -> Json:
            found = schedules.find(request["MonitoringScheduleName"])
            found["MonitoringScheduleStatus"] = status
            return {}

        return change

    def create_group(request: Json) -> Json:
        creator = {"UserProfileName": "local"}
        packages.groups.add(request, ModelPackageGroupStatus="Completed", CreatedBy=creator)
        group = packages.groups.find(request["ModelPackageGroupName"])
        return {"ModelPackageGroupArn": group["ModelPackageGroupArn"]}

    return {
        **_plain(MODEL, models),
        **_plain(CONFIG, configs),
        **_plain(JOB_DEFINITION, Crud(JOB_DEFINITION, records)),
        **_plain(SCHEDULE, schedules),
        "CreateModel": create_model,
        "CreateEndpointConfig": create_config,
        "CreateMonitoringSchedule": create_schedule,
        "UpdateMonitoringSchedule": update_schedule,
        "StartMonitoringSchedule": set_schedule("Scheduled"),
        "StopMonitoringSchedule": set_schedule("Stopped"),
        "CreateEndpoint": endpoints.create,
        "UpdateEndpoint": endpoints.update,
        "UpdateEndpointWeightsAndCapacities": endpoints.weigh,
        "DescribeEndpoint": endpoints.crud.describe,
        "ListEndpoints": endpoints.crud.list_all,
        "DeleteEndpoint": endpoints.delete,
        "CreateModelPackageGroup": create_group,
        "DescribeModelPackageGroup": packages.groups.describe,
        "ListModelPackageGroups": packages.groups.list_all,
        "DeleteModelPackageGroup": packages.delete_group,
        "CreateModelPackage": packages.create,
        "UpdateModelPackage": packages.update,
        "DescribeModelPackage": packages.describe,
        "ListModelPackages": packages.list_all,
        "DeleteModelPackage": packages.delete,
        **_tags(records),
    }


def _plain(kind: Kind, crud: Crud) -> dict[str, Operation]:
    return {
        f"Create{kind.noun}": crud.create,
        f"Describe{kind.noun}": crud.describe,
        f"List{kind.noun}s": crud.list_all,
        f"Delete{kind.noun}": crud.delete,
    }


def _tags(records: Records) -> dict[str, Operation]:
    def add(request: Json) -> Json:
        kept = records.of("Tags").setdefault(request["ResourceArn"], {})
        kept |= {tag["Key"]: tag["Value"] for tag in request["Tags"]}
        return {"Tags": request["Tags"]}

    def list_all(request: Json) -> Json:
        kept = records.of("Tags").get(request["ResourceArn"], {})
        return {"Tags": [{"Key": key, "Value": value} for key, value in kept.items()]}

    def delete(request: Json) -> Json:
        for key in request["TagKeys"]:
            records.of("Tags").get(request["ResourceArn"], {}).pop(key, None)
        return {}

    return {"AddTags": add, "ListTags": list_all, "DeleteTags": delete}
