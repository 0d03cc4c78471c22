"""The rules as a CDK validation: `cdk synth` fails with one sentence per violation."""

from pathlib import Path

import aws_cdk as cdk
import jsii
from constructs import IConstruct

from stacks.rules.catalogue import RULES, judge
from stacks.rules.template import read_templates

NAME = "Slipway"


@jsii.implements(cdk.IPolicyValidationPlugin)
class SlipwayRules:
    """Looks at every synthesised template of the app."""

    @property
    def name(self) -> str:
        """Return the prefix under which CDK reports and acknowledges the rules."""
        return NAME

    @property
    def version(self) -> str:
        """Return a version for CDK's report."""
        return "1.0.0"

    @property
    def rule_ids(self) -> list[str]:
        """Return the rules' names."""
        return [rule.id for rule in RULES]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Return CDK's report of what the rules find."""
        stacks = list(context.stack_templates)
        files = [
            (item.stack_construct_path, item.region or "", Path(item.template_path))
            for item in stacks
        ]
        paths = {item.stack_construct_path: item.template_path for item in stacks}
        violations = [
            cdk.PolicyViolation(
                rule_name=rule.id,
                description=rule.sentence(finding),
                severity="error",
                violating_resources=[
                    cdk.PolicyViolatingResource(
                        resource_logical_id=finding.resource.logical_id,
                        template_path=paths[finding.resource.template.name],
                        locations=[f"Properties.{finding.at}"],
                    )
                ],
            )
            for rule, finding in judge(read_templates(files))
        ]
        return cdk.PolicyValidationPluginReport(success=not violations, violations=violations)


def validate_with_rules(app: IConstruct) -> None:
    """Let the synth of an app fail on what the rules find.

    A rule is set aside at one construct, with a reason, by `cdk.Validations.of(construct)
    .acknowledge(id="Slipway::RULE", reason="...")`.
    """
    cdk.Validations.of(app).add_plugins(SlipwayRules())
