"""The templates as they are, so that a review sees what a change does to them.

`pytest tests/stacks/test_snapshots.py --snapshot-update` writes them anew. Prod stands for all
environments: they differ by data that other tests check.
"""

import json
import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.stacks.conftest import Template

STACKS = ("tooling", "prod-base", "prod-search", "prod-ads", "prod-intent")
# What moves with code, models and requirements, not with the stacks.
MOVING = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    (re.compile(r"slipway/build:[0-9a-f]{16}"), "slipway/build:<tag>"),
    (re.compile(r'"ModelPackageGroupDescription": "[^"]*"'), '"ModelPackageGroupDescription": ""'),
)


@pytest.mark.parametrize("stack", STACKS)
def test_the_template_is_as_reviewed(
    templates: dict[str, Template], snapshot: SnapshotAssertion, stack: str
):
    text = json.dumps(templates[f"slipway-{stack}"].document)
    for pattern, replacement in MOVING:
        text = pattern.sub(replacement, text)

    assert json.loads(text) == snapshot(extension_class=JSONSnapshotExtension)
