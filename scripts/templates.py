"""Fail when a template breaks a rule that is not acknowledged beside its construct.

Synthesises the shipped environments with a sample release and those of examples/aws: CDK's own
validation and the rule packs of `stacks.acknowledge` judge the constructs, cfn-lint the templates.

    python scripts/templates.py [--without-lint] [SET ...]     sets: catalog, examples/aws
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.stacks.conftest import ROOT, context
from tests.stacks.release import sample_release

SETS = ("catalog", "examples/aws")
# W3005: CDK spells out dependencies that a reference implies. W3010: it writes zones out.
NOISE = ("W3005", "W3010")


def synthesise(folder: Path, catalog: str) -> list[str]:
    """Synthesise a set into a folder with all rules on; return what is wrong, a line each."""
    given = context() | {"catalog": catalog}
    if catalog == "catalog":
        release = folder.with_suffix(".release.json")
        release.write_text(json.dumps(sample_release().to_json()))
        given["release"] = str(release)
    kept = {key: value for key, value in os.environ.items() if key != "CDK_VALIDATION"}
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=kept | {"CDK_CONTEXT_JSON": json.dumps(given), "CDK_OUTDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    report = folder / "validation-report.json"
    if not report.exists():
        return [done.stderr]
    return [
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


def main() -> int:
    """Check the sets; return 1 where anything is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=list(SETS), metavar="SET")
    parser.add_argument("--without-lint", action="store_true", help="leave cfn-lint out")
    arguments = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for index, name in enumerate(arguments.sets):
            folder = Path(scratch) / f"set{index}"
            found += [f"{name}: {line}" for line in synthesise(folder, name)]
            if not arguments.without_lint:
                found += [f"{name}: {line}" for line in lint(folder)]
    print("\n".join(sorted(found)) or f"templates: {', '.join(arguments.sets)} break no rule")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
