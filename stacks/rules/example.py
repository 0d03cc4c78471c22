"""Examples of each rule: what it refuses, what is right instead, and the sentence it says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stacks.rules.catalogue import RULES, judge
from stacks.rules.rule import Rule
from stacks.rules.template import Template, together

FOLDER = Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Example:
    """A configuration that a rule refuses, and one that does the same rightly."""

    rule: Rule
    file: str
    wrong: Template
    right: Template

    @property
    def message(self) -> str:
        """Return what the rule says of the wrong configuration."""
        sentences = [
            rule.sentence(finding)
            for rule, finding in judge(together([self.wrong]))
            if rule is self.rule
        ]
        return " ".join(sentences)


def examples() -> list[Example]:
    """Return an example for each rule, in the order of the rules.

    Raises:
        KeyError: A rule has none.
    """
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        for rule_id, example in yaml.safe_load(file.read_text()).items():
            found[rule_id] = (file.name, example)
    return [_example(rule, *found[rule.id]) for rule in RULES]


def _example(rule: Rule, file: str, document: dict[str, Any]) -> Example:
    def template(resources: dict[str, Any]) -> Template:
        region = document.get("region", "us-east-1")
        parameters = document.get("parameters", {})
        return Template("example", region, {"Resources": resources, "Parameters": parameters})

    return Example(rule, file, template(document["wrong"]), template(document["right"]))
