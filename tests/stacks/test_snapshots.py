"""The templates as they are, so that a review sees what a change does to them.

Every stack of every environment, of both sets: `pytest tests/stacks/test_snapshots.py
--snapshot-update` writes them anew.
"""

import json
import re

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.stacks.conftest import Template

SETS = {"templates": "one account", "accounts": "an account each"}
# What moves with code, models and requirements, not with the stacks.
MOVING = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    (re.compile(r"(slipway/[a-z0-9]+):[0-9a-f]{16}"), r"\1:<tag>"),
    (re.compile(r'"ModelPackageGroupDescription": "[^"]*"'), '"ModelPackageGroupDescription": ""'),
)


@pytest.mark.parametrize("given", SETS)
def test_the_templates_are_as_reviewed(
    request: pytest.FixtureRequest, snapshot: SnapshotAssertion, given: str
):
    made: dict[str, Template] = request.getfixturevalue(given)
    reviewed = snapshot.use_extension(JSONSnapshotExtension)

    for name, template in sorted(made.items()):
        text = json.dumps(template.document)
        for pattern, replacement in MOVING:
            text = pattern.sub(replacement, text)
        assert json.loads(text) == reviewed(name=f"{SETS[given]}, {name}"), name
