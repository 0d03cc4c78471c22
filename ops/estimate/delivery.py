"""What a push costs: minutes of builds and of pipeline actions."""

from collections.abc import Iterator

from ops.estimate.line import Amount, Line
from ops.estimate.sheet import Sheet
from stacks.rules.template import Resource, text

_SIZES = {
    "BUILD_GENERAL1_SMALL": "build.small",
    "BUILD_GENERAL1_MEDIUM": "build.medium",
    "BUILD_GENERAL1_LARGE": "build.large",
    "BUILD_GENERAL1_XLARGE": "build.xlarge",
    "BUILD_GENERAL1_2XLARGE": "build.2xlarge",
}
_COMPILE_MINUTES = {"cpu": "compile.cpu", "g5": "compile.g5"}
FREE_OWNERS = ("Custom",)  # custom actions and approvals cost nothing


def project(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price a build project by the builds that a month's pushes start."""
    on_gpu = resource.get("Environment.Type") == "LINUX_GPU_CONTAINER"
    size = text(resource.get("Environment.ComputeType"))
    rate = "build.gpu-small" if on_gpu else _SIZES[size]
    pushes = sheet.assumed("pushes")
    name = text(resource.get("Name"))
    _, compiles, accelerator = name.partition("compile-")
    if compiles:
        minutes = _COMPILE_MINUTES.get(accelerator, "compile.neuron")
        most = pushes * sheet.assumed("compiles") * sheet.assumed(minutes)
        # a push of known keys compiles nothing, and costs the start of the build alone
        amount = Amount(min(pushes, most), most, most)
        assumptions = ["pushes", "compiles", minutes]
    else:
        amount = Amount.of(pushes * sheet.assumed("build.other") * _times(resource))
        assumptions = ["pushes", "build.other"]
    usd = amount * sheet.rate(rate)
    yield sheet.line(resource, f"{amount} build minutes", usd, rate, *assumptions)


def pipeline(resource: Resource, sheet: Sheet) -> Iterator[Line]:
    """Price a V2 pipeline by the minutes of its actions; approvals are free."""
    count = sum(
        text(action.get("ActionTypeId", {}).get("Owner")) not in FREE_OWNERS
        and text(action.get("ActionTypeId", {}).get("Category")) != "Approval"
        for stage in resource.items("Stages")
        for action in stage.get("Actions", [])
    )
    minutes = count * sheet.assumed("pushes") * sheet.assumed("action")
    usd = Amount.of(minutes * sheet.rate("pipeline.minute"))
    what = f"{count} actions a push"
    yield sheet.line(resource, what, usd, "pipeline.minute", "pushes", "action")


def _times(project: Resource) -> int:
    """Return how many actions of the stack's pipelines run a project."""
    found = sum(
        project.template.follow(action.get("Configuration", {}).get("ProjectName")) is project
        for pipeline in project.template.of("CodePipeline::Pipeline")
        for stage in pipeline.items("Stages")
        for action in stage.get("Actions", [])
    )
    return max(found, 1)
