"""Pipelines and their builds, as tests look at them."""

from typing import Any

import yaml

from tests.stacks.conftest import Resource, Template


def pipeline_of(template: Template) -> dict[str, Any]:
    """Return the properties of a stack's one pipeline."""
    return template.only("AWS::CodePipeline::Pipeline").properties


def stages_of(pipeline: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the actions by name, by stage."""
    return {
        stage["Name"]: {action["Name"]: action for action in stage["Actions"]}
        for stage in pipeline["Stages"]
    }


def project(template: Template, name: str) -> Resource:
    return template.named("AWS::CodeBuild::Project", "Name", name)


def buildspec(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(
        project(template, name).properties["Source"]["BuildSpec"]
    )
    return found
