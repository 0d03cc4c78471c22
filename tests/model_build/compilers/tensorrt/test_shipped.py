"""Every NVIDIA artifact of the catalog gets its engines for its GPU, on a machine without one."""

import json
import subprocess
import sys

import pytest

from catalog.load import load_models
from model_build.compilers.tensorrt.api import MissingTensorRt, find


def test_every_g5_artifacts_engines_build_within_two_minutes(tmp_path):
    try:
        find()
    except MissingTensorRt as error:
        pytest.skip(str(error))
    report = tmp_path / "engines.json"

    # a process of its own: a graph that the builder cannot take may end it without a word
    done = subprocess.run(
        [sys.executable, "-m", "model_build.compilers.tensorrt", "--json", str(report)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-2000:]}"
    built = {(row["model"], row["engine"]) for row in json.loads(report.read_text())["engines"]}
    rows = [spec for spec in load_models().values()
            if any(target.accelerator == "g5" for target in spec.targets)]  # fmt: skip
    wanted = {
        (spec.name, engine)
        for spec in rows
        for engine in (("encoder", "step") if spec.task == "seq2seq" else ("model",))
    }
    assert built == wanted
