"""All environments synthesised once, as plain template dictionaries."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

import app
from tests.stacks.release import accelerated_release, sample_release

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Resource:
    """One resource of a template."""

    logical_id: str
    kind: str
    body: dict[str, Any]

    @property
    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body.get("Properties", {})
        return found


class Template:
    """A template and how to look things up in it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.resources = [
            Resource(logical_id, body["Type"], body)
            for logical_id, body in document["Resources"].items()
        ]

    def of_type(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.kind == kind]

    def only(self, kind: str) -> Resource:
        (found,) = self.of_type(kind)
        return found

    def named(self, kind: str, key: str, value: str) -> Resource:
        (found,) = [item for item in self.of_type(kind) if item.properties.get(key) == value]
        return found

    def statements_of(self, role: Any) -> list[dict[str, Any]]:
        """Return the statements of all policies on the role of a `Fn::GetAtt [id, Arn]`."""
        reference = {"Ref": role["Fn::GetAtt"][0]}
        return [
            statement
            for policy in self.of_type("AWS::IAM::Policy")
            if reference in policy.properties["Roles"]
            for statement in policy.properties["PolicyDocument"]["Statement"]
        ]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def context() -> dict[str, Any]:
    """Return what the CLI hands to the app: the context of cdk.json."""
    given: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return given


def synthesise(folder: Path, **chosen: str) -> dict[str, Template]:
    """Synthesise the app into a folder; return its templates by stack name."""
    application = cdk.App(analytics_reporting=False, outdir=str(folder), context=context() | chosen)
    app.compose(application)
    assembly = application.synth()
    return {
        stack.stack_name: Template(json.loads(Path(stack.template_full_path).read_text()))
        for stack in assembly.stacks
    }


Synthesise = Callable[..., Mapping[str, Template]]


@pytest.fixture(scope="session")
def release_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("release") / "release.json"
    path.write_text(json.dumps(sample_release().to_json()))
    return path


@pytest.fixture(scope="session")
def accelerated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("release") / "accelerated.json"
    path.write_text(json.dumps(accelerated_release().to_json()))
    return path


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("assembly")


@pytest.fixture(scope="session")
def templates(assembly: Path, release_file: Path) -> dict[str, Template]:
    return synthesise(assembly, release=str(release_file))


@pytest.fixture(scope="session")
def accounts_assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accounts")


@pytest.fixture(scope="session")
def accounts(accounts_assembly: Path, accelerated_file: Path) -> dict[str, Template]:
    """The stacks of examples/aws: an account for the tooling and one for each environment."""
    return synthesise(accounts_assembly, catalog="examples/aws", release=str(accelerated_file))


@pytest.fixture(scope="session")
def tooling(templates: dict[str, Template]) -> Template:
    return templates["slipway-tooling"]


@pytest.fixture(scope="session")
def base(templates: dict[str, Template]) -> Template:
    return templates["slipway-prod-base"]
