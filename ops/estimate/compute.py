"""What computes: endpoints, ECS services and their hosts, batch jobs."""

import json
from collections.abc import Iterator

from catalog.instances import INSTANCES
from ops.estimate.line import HOURS, Amount, Line
from ops.estimate.schedule import runs_a_month
from ops.estimate.sheet import Sheet, machines
from stacks.rules.machines import fleets
from stacks.rules.template import Resource, text

GIB = 1024


def endpoint(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price the fleets behind a SageMaker endpoint."""
    for fleet in fleets(resource.template):
        if fleet.endpoint is not resource or not fleet.instance:
            continue
        id_ = f"endpoint/{text(resource.get('EndpointName'))}/variant/{fleet.name}"
        load = sheet.assumed("load")
        count = machines(resource.template, id_.__eq__, int(fleet.count), load)
        price = sheet.prices.usd_per_hour(fleet.instance)
        what = f"{count} x {fleet.instance}, variant {fleet.name}"
        assumed = _if_scaled(count)
        yield sheet.line(resource, what, count * (price * HOURS), fleet.instance, *assumed)


def service(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price the tasks of an ECS service on Fargate; hosts of the others are priced themselves."""
    task = resource.template.follow(resource.get("TaskDefinition"))
    if task is None or "FARGATE" not in (task.get("RequiresCompatibilities") or []):
        return
    count = tasks(resource, sheet)
    cores, memory = int(task.get("Cpu")) / GIB, int(task.get("Memory")) / GIB
    usd = cores * sheet.rate("fargate.vcpu") + memory * sheet.rate("fargate.gib")
    what = f"{count} x Fargate task of {cores:g} vCPU, {memory:g} GiB"
    usual = count * (usd * HOURS)
    yield sheet.line(resource, what, usual, "fargate.vcpu", *_if_scaled(count))


def tasks(resource: Resource, sheet: Sheet) -> Amount:
    """Return how many tasks an ECS service runs."""
    names = {text(resource.get("ServiceName")), f"<{resource.logical_id}.Name>"}

    def is_service(id_: str) -> bool:
        return id_.startswith("service/") and id_.rpartition("/")[2] in names

    count = int(resource.get("DesiredCount", 1))
    return machines(resource.template, is_service, count, sheet.assumed("load"))


def hosts(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price the hosts of an Auto Scaling group: as many as its service has tasks, in its bounds."""
    launch = _launch_of(resource)
    if launch is None:
        return
    data = launch.get("LaunchTemplateData", {})
    kind = text(data.get("InstanceType"))
    low, high = int(resource.get("MinSize", 0)), int(resource.get("MaxSize", 0))
    wanted = Amount.of(0)
    for item in resource.template.of("ECS::Service"):
        wanted += tasks(item, sheet)
    count = Amount(
        *(min(max(value, low), high) for value in (wanted.low, wanted.expected, wanted.high))
    )
    price = sheet.prices.usd_per_hour(kind)
    usual = count * (price * HOURS)
    yield sheet.line(resource, f"{count} x {kind}", usual, kind, *_if_scaled(count))
    size = sum(
        float(device.get("Ebs", {}).get("VolumeSize", 0))
        for device in data.get("BlockDeviceMappings", [])
    )
    if size:
        what = f"{count} x {size:g} GB disk"
        yield sheet.line(resource, what, count * (size * sheet.rate("ebs.gb")), "ebs.gb")


def state_machine(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price the batch jobs that a scheduled state machine starts; unscheduled ones cost per run."""
    try:
        states = json.loads(text(resource.get("DefinitionString")))["States"].values()
    except (ValueError, KeyError):
        return
    runs = sum(
        runs_a_month(text(item.get("ScheduleExpression")))
        for item in resource.template.of("Scheduler::Schedule")
        if resource.template.follow(item.get("Target.Arn")) is resource
    )
    for state in states:
        kind, count = _job(resource, state)
        if not kind:
            continue
        accelerator = INSTANCES[kind].accelerator if kind in INSTANCES else "cpu"
        measured = sheet.pairs_per_second.get(accelerator)
        speed = measured or sheet.assumed("batch.rate")
        start = sheet.assumed("batch.start") / 60 * count
        if _scores_pairs(state):
            hours = sheet.assumed("batch.pairs") / speed / 3600 + start
            assumptions = ["batch.pairs", "batch.start", *([] if measured else ["batch.rate"])]
        else:  # the drift job reads an hour of captures: its machine's start takes longer
            hours, assumptions = start, ["batch.start"]
        each = hours * sheet.prices.usd_per_hour(kind)
        often = f"{runs:.1f} runs a month" if runs else f"by hand, {each:.2f} USD a run"
        what = f"{often}, {hours:.1f} hours of {count} x {kind} in all"
        yield sheet.line(resource, what, Amount.of(runs * each), kind, *assumptions)


def _scores_pairs(state: dict[str, object]) -> bool:
    """Say whether a job scores pairs, as all do but the drift job."""
    return "serving.drift" not in json.dumps(state)


def _if_scaled(count: Amount) -> tuple[str, ...]:
    return () if count.low == count.high else ("load",)


def _job(machine: Resource, state: dict[str, object]) -> tuple[str, int]:
    """Return the instance type and the number of machines that a state runs its job on."""
    called = text(state.get("Resource"))
    parameters = state.get("Parameters")
    if not isinstance(parameters, dict):
        return "", 0
    if "sagemaker:createProcessingJob" in called:
        cluster = parameters["ProcessingResources"]["ClusterConfig"]
        return text(cluster["InstanceType"]), int(cluster["InstanceCount"])
    if "batch:submitJob" in called:
        for environment in machine.template.of("Batch::ComputeEnvironment"):
            kinds = environment.get("ComputeResources.InstanceTypes") or [""]
            return text(kinds[0]), int(parameters.get("ArrayProperties", {}).get("Size", 1))
    return "", 0


def _launch_of(group: Resource) -> Resource | None:
    given = group.get("LaunchTemplate") or group.get(
        "MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification", {}
    )
    return group.template.follow(given.get("LaunchTemplateId"))
