"""Every resource type of our templates and how it was verified: `python -m benchmarks.resources`.

*created*: a stack of the shipped environments has it, and the local cloud really makes it, at every
`make up`. *made when asked*: only examples/aws has it; the local cloud has a provider for it.
*schema*: no emulator knows it; assertions of tests/stacks and CloudFormation's own schema (through
cfn-lint, which holds all templates to it) cover it. Exits with 1 where a type has no schema.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from cfnlint.schema import (  # type: ignore[import-untyped]
    PROVIDER_SCHEMA_MANAGER,
    ResourceNotFoundError,
)

from local.paths import CLOUD_PYTHON
from scripts import templates

ROOT = Path(__file__).resolve().parent.parent
REGION = "us-east-1"
KNOWN = """
import json
from ministack.services.cloudformation import provisioners
from local.emulator.extension import collect
print(json.dumps(sorted({*provisioners._RESOURCE_HANDLERS, *collect().types})))
"""


def used(folder: Path) -> Counter[str]:
    """Return how often each resource type stands in a folder's templates."""
    return Counter(
        resource["Type"]
        for file in folder.glob("*.template.json")
        for resource in json.loads(file.read_text())["Resources"].values()
    )


def known() -> set[str]:
    """Return the types that the local cloud makes: MiniStack's and those added to it."""
    done = subprocess.run(
        [str(CLOUD_PYTHON), "-c", KNOWN],
        env=os.environ | {"PYTHONPATH": str(ROOT), "GATEWAY_PORT": "0"},  # nothing is asked
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def has_schema(kind: str) -> bool:
    """Say whether CloudFormation publishes a schema of a type."""
    try:
        PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind)
    except ResourceNotFoundError:
        return False
    return True


def main() -> int:
    """Print the table; return 1 where a type has no schema."""
    with tempfile.TemporaryDirectory() as scratch:
        counts = {}
        for index, name in enumerate(templates.SETS):
            folder = Path(scratch) / f"set{index}"
            for finding in templates.synthesise(folder, name):
                print(finding, file=sys.stderr)
            counts[name] = used(folder)
    emulated = known()
    shipped, example = counts["catalog"], counts["examples/aws"]
    unchecked = []
    print("| type | shipped | examples/aws | verified by |\n| --- | ---: | ---: | --- |")
    for kind in sorted(shipped | example):
        if kind not in emulated:
            how = "schema"
        else:
            how = "created" if shipped[kind] else "made when asked"
        if not has_schema(kind):
            unchecked.append(kind)
            how += ", no schema"
        print(f"| {kind} | {shipped[kind] or ''} | {example[kind] or ''} | {how} |")
    return int(bool(unchecked))


if __name__ == "__main__":
    sys.exit(main())
