"""Synthesised templates as the rules read them: resources, references and flattened text."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATH_METADATA = "aws:cdk:path"


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource of a template."""

    template: "Template"
    logical_id: str
    kind: str
    body: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Return the construct's path where CDK wrote it, else stack and logical id."""
        fallback = f"{self.template.name}/{self.logical_id}"
        path: str = self.body.get("Metadata", {}).get(PATH_METADATA, fallback)
        return path.removesuffix("/Resource")

    def get(self, path: str, default: Any = None) -> Any:
        """Return a property by its dotted path, such as `DeploymentConfig.RollingUpdatePolicy`."""
        value: Any = self.body.get("Properties", {})
        for part in path.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return default
            value = value[part]
        return value

    def items(self, path: str) -> list[Mapping[str, Any]]:
        """Return a property that is a list of objects; an absent one is empty."""
        found = self.get(path) or []
        return [item for item in found if isinstance(item, Mapping)]


@dataclass(eq=False)
class Template:
    """One synthesised stack among the others of its app.

    Attributes:
        name: The stack's name.
        region: Where it goes, or an empty string.
        resources: By logical id.
        others: Every template of the app, this one too.
    """

    name: str
    region: str
    document: Mapping[str, Any]
    others: "Sequence[Template]" = ()
    resources: dict[str, Resource] = field(init=False)

    def __post_init__(self) -> None:
        self.resources = {
            logical_id: Resource(self, logical_id, body["Type"], body)
            for logical_id, body in self.document.get("Resources", {}).items()
        }

    def of(self, *kinds: str) -> Iterator[Resource]:
        """Yield the resources of some types, each named without `AWS::`."""
        wanted = {f"AWS::{kind}" for kind in kinds}
        return (resource for resource in self.resources.values() if resource.kind in wanted)

    def everywhere(self, *kinds: str) -> Iterator[Resource]:
        """Yield the resources of some types in all stacks of the app."""
        return (resource for template in self.others for resource in template.of(*kinds))

    def follow(self, value: Any) -> Resource | None:
        """Return the resource that a `Ref`, `Fn::GetAtt` or `Fn::ImportValue` points at."""
        if not isinstance(value, Mapping):
            return None
        if "Ref" in value:
            return self.resources.get(value["Ref"])
        if "Fn::GetAtt" in value:
            target = value["Fn::GetAtt"]
            return self.resources.get(
                target.split(".")[0] if isinstance(target, str) else target[0]
            )
        if "Fn::ImportValue" in value:
            return self._imported(value["Fn::ImportValue"])
        return None

    def _imported(self, name: Any) -> Resource | None:
        for template in self.others:
            for output in template.document.get("Outputs", {}).values():
                if output.get("Export", {}).get("Name") == name:
                    return template.follow(output["Value"])
        return None


def text(value: Any) -> str:
    """Return a value as text, with what is only known at deployment as `<LogicalId>`."""
    if isinstance(value, Mapping):
        if "Fn::Join" in value:
            separator, parts = value["Fn::Join"]
            return str(separator).join(text(part) for part in parts)
        if "Fn::Sub" in value:
            body = value["Fn::Sub"]
            return str(body if isinstance(body, str) else body[0])
        for name in ("Ref", "Fn::GetAtt", "Fn::ImportValue"):
            if name in value:
                target = value[name]
                return f"<{target if isinstance(target, str) else '.'.join(map(str, target))}>"
        return json.dumps(value)
    return "" if value is None else str(value)


def read_templates(stacks: Sequence[tuple[str, str, Path]]) -> list[Template]:
    """Return the templates of an app, each knowing the others.

    Args:
        stacks: Name, region and template file of each stack.
    """
    templates = [
        Template(name, region, json.loads(path.read_text(encoding="utf-8")))
        for name, region, path in stacks
    ]
    return together(templates)


def together(templates: list[Template]) -> list[Template]:
    """Let templates of one app know each other."""
    for template in templates:
        template.others = templates
    return templates
