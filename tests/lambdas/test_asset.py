import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = (
    "answer_alarm",
    "point_release",
    "promote_release",
    "register_models",
    "verify_release",
)


def bundled() -> set[str]:
    """The modules of `catalog` that the stacks put beside a function."""
    tree = ast.parse((ROOT / "stacks/functions/construct.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CATALOG_MODULES":
            return {f"catalog.{name}" for name in ast.literal_eval(node.value)}
    raise AssertionError("stacks/functions/construct.py names no CATALOG_MODULES")


def test_functions_need_boto3_and_what_is_bundled_with_them_alone():
    imports = "; ".join(f"import lambdas.{name}.handler" for name in FUNCTIONS)
    code = f"import sys; {imports}; print(*(m for m in sys.modules if m.startswith('catalog.')))"

    # the emulator's own environment has boto3 and no pydantic
    python = ROOT / ".venv-cloud/bin/python"
    done = subprocess.run(
        [python, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) <= bundled()


def test_every_handler_fits_on_a_page():
    for name in FUNCTIONS:
        lines = (ROOT / f"lambdas/{name}/handler.py").read_text().splitlines()
        assert len(lines) <= 60, name
