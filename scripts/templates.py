"""Fail when a template breaks a rule that is not acknowledged beside its construct.

Synthesises the shipped environments and those of examples/aws with sample releases: CDK's own
validation and the rule packs of `stacks.acknowledge` judge the constructs, cfn-lint the templates,
parliament the IAM policies.

    python scripts/templates.py [--without-lint] [SET ...]     sets: catalog, examples/aws
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from tests.stacks.conftest import ROOT, context
from tests.stacks.release import accelerated_release, sample_release

SETS = {"catalog": sample_release, "examples/aws": accelerated_release}
# W3005: CDK spells out dependencies that a reference implies. W3010: it writes zones out.
NOISE = ("W3005", "W3010")
# What parliament cannot know of templates, or the rule packs ask a reason for.
KNOWN = ("INVALID_ARN", "RESOURCE_MISMATCH", "RESOURCE_STAR")


def synthesise(folder: Path, catalog: str, **variables: str) -> list[str]:
    """Synthesise a set into a folder with all rules on; return what is wrong, a line each.

    Args:
        folder: Where the templates go.
        catalog: One of `SETS`.
        variables: Environment variables beside this process's own.
    """
    release = folder.with_suffix(".release.json")
    release.write_text(json.dumps(SETS[catalog]().to_json()))
    given = context() | {"catalog": catalog, "release": str(release)}
    kept = {key: value for key, value in os.environ.items() if key != "CDK_VALIDATION"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=folder.parent,  # from anywhere: nothing may be found relative to where one stands
        env=kept
        | {"CDK_CONTEXT_JSON": json.dumps(given), "CDK_OUTDIR": str(folder)}
        | {"PYTHONPATH": str(ROOT)}
        | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    report = folder / "validation-report.json"
    if not report.exists():
        return [done.stderr]
    broken = [] if done.returncode == 0 else [f"synth ends with {done.returncode}"]
    return broken + [
        f"{place['constructPath']}: {found['ruleName']}: {found['description'].split(' - (')[0]}"
        for plugin in json.loads(report.read_text())["pluginReports"]
        for found in plugin["violations"]
        for place in found["violatingConstructs"]
    ]


def lint(folder: Path) -> list[str]:
    """Return what cfn-lint finds in a folder's templates."""
    program = str(Path(sys.executable).parent / "cfn-lint")
    files = sorted(str(file) for file in folder.glob("*.template.json"))
    done = subprocess.run(
        [program, "--ignore-checks", *NOISE, "--format", "parseable", "--", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.replace(f"{folder}/", "").splitlines()


def ask_parliament(folder: Path) -> list[str]:
    """Return what parliament finds in a folder's IAM policies, such as misspelt actions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports pkg_resources
        import parliament  # type: ignore[import-untyped]
    return [
        f"{file.name}: {name}: {finding.issue}: {finding.detail}"
        for file in sorted(folder.glob("*.template.json"))
        for name, resource in json.loads(file.read_text())["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy"
        for finding in parliament.analyze_policy_string(
            json.dumps(_plain(resource["Properties"]["PolicyDocument"]))
        ).findings
        if finding.issue not in KNOWN
    ]


def _plain(value: Any) -> Any:
    """Return a policy with its intrinsic functions as text, as far as they are known."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" in value:
        delimiter, parts = value["Fn::Join"]
        return str(delimiter).join(_plain(part) for part in parts)
    if set(value) & {"Fn::GetAtt", "Fn::ImportValue"}:
        return "arn:aws:service:region:111111111111:known-when-deployed"
    if "Ref" in value:
        return "known-when-deployed"
    return {key: _plain(item) for key, item in value.items()}


def main() -> int:
    """Check the sets; return 1 where anything is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=list(SETS), choices=SETS, metavar="SET")
    parser.add_argument("--without-lint", action="store_true", help="leave cfn-lint out")
    arguments = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for index, name in enumerate(arguments.sets):
            folder = Path(scratch) / f"set{index}"
            found += [f"{name}: {line}" for line in synthesise(folder, name)]
            if not arguments.without_lint:
                found += [f"{name}: {line}" for line in lint(folder) + ask_parliament(folder)]
    print("\n".join(sorted(found)) or f"templates: {', '.join(arguments.sets)} break no rule")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
