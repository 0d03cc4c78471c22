"""The environment of a build: the image's, CodeBuild's own variables, the project's."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.emulator import gateway
from local.emulator.codebuild.buildspec import Buildspec
from local.paths import NODE, Workplace, search_path


def image_environment(place: Workplace, source: Path, temporary: Path) -> dict[str, str]:
    """Return what the build image sets: the tools of this checkout, the code of the source."""
    return {
        "PATH": search_path(os.environ["PATH"]),
        "HOME": os.environ["HOME"],
        "LANG": "C.UTF-8",
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(source),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "JSII_NODE": str(NODE),
        "CDK_HOME": str(place.cdk_home),
        "CDK_VALIDATION": "false",
        "CDK_DISABLE_CLI_TELEMETRY": "1",
        "CI": "true",
    }


def aws_environment(credentials: gateway.Credentials) -> dict[str, str]:
    """Return what makes every SDK in the build speak to the local cloud as the build's role."""
    return {
        "AWS_ENDPOINT_URL": gateway.endpoint(),
        "AWS_ENDPOINT_URL_S3": gateway.endpoint(),
        "AWS_REGION": gateway.region(),
        "AWS_DEFAULT_REGION": gateway.region(),
        "AWS_EC2_METADATA_DISABLED": "true",
        **credentials.environment(),
    }


def codebuild_environment(
    build: Mapping[str, Any], sources: Mapping[str, Path], revision: str
) -> dict[str, str]:
    """Return the `CODEBUILD_*` variables.

    Args:
        build: The build's record.
        sources: Source folders by name; the primary one under the empty name.
        revision: The commit of the primary source.
    """
    found = {
        "CODEBUILD_BUILD_ID": build["id"],
        "CODEBUILD_BUILD_ARN": build["arn"],
        "CODEBUILD_BUILD_NUMBER": str(build["buildNumber"]),
        "CODEBUILD_INITIATOR": str(build.get("initiator", "")),
        "CODEBUILD_START_TIME": str(int(time.time() * 1000)),
        "CODEBUILD_LOG_PATH": build["logs"]["streamName"],
        "CODEBUILD_SOURCE_VERSION": str(build.get("sourceVersion") or revision),
        "CODEBUILD_RESOLVED_SOURCE_VERSION": revision,
        "CODEBUILD_BUILD_IMAGE": str(build["environment"].get("image", "")),
        "CODEBUILD_CI": "true",
    }
    for name, folder in sources.items():
        found[f"CODEBUILD_SRC_DIR_{name}" if name else "CODEBUILD_SRC_DIR"] = str(folder)
    return found


def declared_environment(
    variables: list[Mapping[str, Any]], spec: Buildspec, credentials: gateway.Credentials
) -> dict[str, str]:
    """Return the variables of the buildspec, and over them those of project and request."""
    found = dict(spec.variables)
    for name, parameter in spec.parameters.items():
        found[name] = _parameter(parameter, credentials)
    for variable in variables:
        value = str(variable.get("value", ""))
        if variable.get("type") == "PARAMETER_STORE":
            value = _parameter(value, credentials)
        found[str(variable["name"])] = value
    return found


def _parameter(name: str, credentials: gateway.Credentials) -> str:
    ssm = gateway.client("ssm", credentials)
    return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
