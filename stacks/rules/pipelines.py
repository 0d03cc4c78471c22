"""Rules on CodePipeline V2: triggers, conditions, rollback."""

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.rules.rule import Finding, rule
from stacks.rules.template import Template, text

MOST_GLOBS = 8
MOST_FILTERS = 3
CONDITIONS = "CodePipeline user guide: stage-conditions"
FILTERS = "CodePipeline user guide: pipelines-filter"


@rule(
    why="CodePipeline does not retry automatically a stage that rolls back on failure, and refuses"
    " the pipeline at deployment",
    instead="choose one of them",
    source=CONDITIONS,
)
def rollback_and_retry(template: Template) -> Iterator[Finding]:
    """A stage that shall both retry and roll back on failure."""
    for pipeline in template.of("CodePipeline::Pipeline"):
        for stage in pipeline.items("Stages"):
            failure = stage.get("OnFailure", {})
            rolls = failure.get("Result") == "ROLLBACK" or failure.get("Conditions")
            if rolls and failure.get("RetryConfiguration"):
                found = f"stage {text(stage.get('Name'))} rolls back and retries on failure"
                yield Finding(pipeline, "Stages.OnFailure", found)


@rule(
    why="the first stage has no earlier execution of its own to go back to",
    instead="put the condition on a later stage",
    source="CodePipeline user guide: stage-rollback",
)
def source_rollback(template: Template) -> Iterator[Finding]:
    """A source stage that shall roll back."""
    for pipeline in template.of("CodePipeline::Pipeline"):
        for stage in pipeline.items("Stages")[:1]:
            failure = stage.get("OnFailure", {})
            results = [failure.get("Result"), *_results(failure), *_results(stage.get("OnSuccess"))]
            if "ROLLBACK" in results:
                found = f"source stage {text(stage.get('Name'))} shall roll back"
                yield Finding(pipeline, "Stages", found)


@rule(
    why="only LambdaInvoke and VariableCheck may skip a stage",
    instead="use one of them, or Result FAIL",
    source=CONDITIONS,
)
def skip_rule(template: Template) -> Iterator[Finding]:
    """An entry condition that skips by another rule than a Lambda or a variable."""
    for pipeline in template.of("CodePipeline::Pipeline"):
        for stage in pipeline.items("Stages"):
            for condition in (stage.get("BeforeEntry") or {}).get("Conditions", []):
                providers = [
                    text(item.get("RuleTypeId", {}).get("Provider"))
                    for item in condition.get("Rules", [])
                ]
                others = sorted(set(providers) - {"LambdaInvoke", "VariableCheck"})
                if condition.get("Result") == "SKIP" and others:
                    found = f"stage {text(stage.get('Name'))} is skipped by {others[0]}"
                    yield Finding(pipeline, "Stages.BeforeEntry", found)


@rule(
    why=f"CodePipeline takes {MOST_GLOBS} patterns to a list and {MOST_FILTERS} push filters",
    instead="merge patterns, such as docs/** for every file below docs",
    source=FILTERS,
)
def trigger_globs(template: Template) -> Iterator[Finding]:
    """A trigger with more than eight patterns in a list, or more than three push filters."""
    for pipeline, filters in _pushes(template):
        if len(filters) > MOST_FILTERS:
            found = f"a trigger has {len(filters)} push filters"
            yield Finding(pipeline, "Triggers.GitConfiguration.Push", found)
        for item in filters:
            for key in ("Branches", "FilePaths", "Tags"):
                for list_ in ("Includes", "Excludes"):
                    globs = item.get(key, {}).get(list_, [])
                    if len(globs) > MOST_GLOBS:
                        found = f"{key}.{list_} of a trigger has {len(globs)} patterns"
                        yield Finding(pipeline, "Triggers.GitConfiguration.Push", found)


@rule(
    why="with filters the action's BranchName counts for manual starts alone, so that a push to any"
    " branch starts the pipeline",
    instead="add Branches.Includes to the filter",
    source=FILTERS,
)
def trigger_any_branch(template: Template) -> Iterator[Finding]:
    """A trigger on files that names no branch."""
    for pipeline, filters in _pushes(template):
        if any(item.get("FilePaths") and not item.get("Branches") for item in filters):
            found = "a push filter has file paths and no branch"
            yield Finding(pipeline, "Triggers.GitConfiguration.Push", found)


@rule(
    why="triggers, conditions and queues exist in V2 only, and V1 is the default",
    instead="set PipelineType to V2",
    source="CodePipeline user guide: pipeline-types-planning",
)
def pipeline_type(template: Template) -> Iterator[Finding]:
    """A V1 pipeline that uses what V2 has."""
    for pipeline in template.of("CodePipeline::Pipeline"):
        stages = pipeline.items("Stages")
        conditions = any(
            stage.keys() & {"BeforeEntry", "OnFailure", "OnSuccess"} for stage in stages
        )
        queued = pipeline.get("ExecutionMode", "SUPERSEDED") != "SUPERSEDED"
        wants = conditions or queued or bool(pipeline.get("Triggers"))
        if wants and pipeline.get("PipelineType") != "V2":
            yield Finding(pipeline, "PipelineType", "the pipeline is not of type V2")


def _pushes(template: Template) -> Iterator[tuple[Any, list[Mapping[str, Any]]]]:
    for pipeline in template.of("CodePipeline::Pipeline"):
        for trigger in pipeline.items("Triggers"):
            yield pipeline, trigger.get("GitConfiguration", {}).get("Push", [])


def _results(part: Mapping[str, Any] | None) -> list[Any]:
    return [condition.get("Result") for condition in (part or {}).get("Conditions", [])]
