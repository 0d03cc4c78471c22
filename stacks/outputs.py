"""Stack outputs under plain names, which operators and the local cloud read."""

from aws_cdk import CfnOutput
from constructs import Construct


def output(scope: Construct, name: str, value: str, *, export: str | None = None) -> None:
    """Add an output `name`; with `export`, other stacks may import it."""
    made = CfnOutput(scope, f"Output-{name}", value=value, export_name=export)
    made.override_logical_id(name)
