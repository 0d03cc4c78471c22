"""What runs in Inf1's frozen container is understood by its Python 3.10: syntax and library."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("runtime", "torchserve", "intent", "batch", "onchip")
FILES = ("serving/built_for.py", "model_build/compilers/neuron/runner.py")
FROZEN = (3, 10)


def sources() -> list[Path]:
    found = [path for name in PACKAGES for path in (ROOT / "serving" / name).rglob("*.py")]
    return [*found, *(ROOT / name for name in FILES)]


def test_its_grammar_is_that_of_the_frozen_python():
    for path in sources():
        ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=FROZEN)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.TryStar)], path


def test_time_outs_are_caught_by_the_name_that_they_have_there():
    """asyncio's own error became the built-in one in 3.11 only."""
    for path in sources():
        text = path.read_text(encoding="utf-8")
        awaits = "wait_for(" in text
        assert not awaits or "asyncio.TimeoutError" in text, path


@pytest.mark.slow
def test_it_uses_nothing_of_the_library_that_came_later(tmp_path):
    packages = [word for name in PACKAGES for word in ("-p", f"serving.{name}")]
    command = [sys.executable, "-m", "mypy", "--python-version", "3.10", *packages]
    command += ["--cache-dir", str(tmp_path), "--follow-imports=silent"]

    done = subprocess.run(
        [*command, "--no-error-summary", "--disable-error-code=no-any-return"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    missing = [line for line in done.stdout.splitlines() if "has no attribute" in line]
    assert not missing, "\n".join(missing)
    assert done.returncode == 0, done.stdout + done.stderr
