"""All rules, and what they find in the templates of an app."""

from collections.abc import Sequence

from stacks.rules import (
    alarms,
    builds,
    containers,
    endpoints,
    jobs,
    monitoring,
    pipelines,
    rollouts,
    scaling,
    services,
)
from stacks.rules.rule import Finding, Rule
from stacks.rules.template import Template

_MODULES = (
    endpoints, containers, rollouts, monitoring, alarms, scaling, builds, pipelines, services, jobs,
)  # fmt: skip
RULES: tuple[Rule, ...] = tuple(
    found for module in _MODULES for found in vars(module).values() if isinstance(found, Rule)
)


def judge(templates: Sequence[Template]) -> list[tuple[Rule, Finding]]:
    """Return everything that the rules find, in the order of templates and rules."""
    return [
        (rule, finding)
        for template in templates
        for rule in RULES
        for finding in rule.check(template)
    ]
