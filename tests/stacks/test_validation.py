"""A second synth, as a stranger runs it: pure, the same bytes, valid, breaking no rule.

Of both sets of environments; the rules are CDK's own, two rule packs, cfn-lint and parliament.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts import templates as checks
from tests.stacks.conftest import ROOT, Template

IMPURE = {"boto3", "botocore", "torch", "model_build", "serving", "lambdas", "local"}
# Another machine: another hash seed, another day.
ELSEWHERE = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati"}

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Second:
    """A set of environments, synthesised twice.

    Attributes:
        first: The folder of this process's synth.
        folder: The folder of the stranger's.
        stacks: The names of the stacks.
        found: The stranger's findings.
    """

    first: Path
    folder: Path
    stacks: tuple[str, ...]
    found: tuple[str, ...]


@pytest.fixture(scope="module", params=checks.SETS)
def second(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Second:
    """Synthesise from another folder in another process, with all rules on."""
    here = "" if request.param == "catalog" else "accounts_"
    made: dict[str, Template] = request.getfixturevalue("accounts" if here else "templates")
    first: Path = request.getfixturevalue(f"{here}assembly")
    folder = tmp_path_factory.mktemp("second") / "out"
    found = checks.synthesise(folder, request.param, **ELSEWHERE)
    return Second(first, folder, tuple(made), tuple(found))


def test_the_constructs_break_no_rule(second: Second):
    """What is meant so is acknowledged beside its construct, with a reason."""
    assert second.found == ()


def test_two_synths_give_the_same_bytes(second: Second):
    for name in second.stacks:
        file = f"{name}.template.json"
        assert (second.folder / file).read_bytes() == (second.first / file).read_bytes(), name


def test_the_templates_lint(second: Second):
    assert checks.lint(second.folder) == []


def test_no_policy_has_a_misspelt_action_or_condition(second: Second):
    assert checks.ask_parliament(second.folder) == []


def test_a_misspelt_action_would_be_found(tmp_path: Path):
    statement = {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": document}}
    (tmp_path / "bad.template.json").write_text(json.dumps({"Resources": {"Bad": policy}}))

    (line,) = checks.ask_parliament(tmp_path)

    assert "UNKNOWN_ACTION" in line


def test_synth_needs_neither_aws_nor_models(tmp_path: Path):
    code = "import app, sys; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    modules = set(done.stdout.split())
    assert "aws_cdk" in modules
    assert not modules & IMPURE
