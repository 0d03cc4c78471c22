"""What a Lambda carries: its own code and what it needs, so that its hash moves with that alone."""

import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from stacks.functions.construct import CATALOG_MODULES
from tests.stacks.conftest import Template

PROVIDED = ("boto3", "botocore", "jmespath", "s3transfer", "dateutil", "urllib3", "six.py")


@pytest.fixture(scope="module")
def folders(assembly: Path, templates: dict[str, Template]) -> dict[str, Path]:
    """Return the staged asset folder of each Lambda by its handler."""
    found = {}
    for template in templates.values():
        for function in template.of_type("AWS::Lambda::Function"):
            digest = function.properties["Code"]["S3Key"].removesuffix(".zip")
            found[function.properties["Handler"]] = assembly / f"asset.{digest}"
    return found


def test_a_lambda_carries_its_own_code_and_the_standard_library_catalog(
    folders: dict[str, Path],
):
    assert len(folders) >= 4
    for handler, folder in folders.items():
        files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
        own = f"lambdas/{handler.split('.')[1]}/"
        assert f"{own}handler.py" in files
        others = {
            file
            for file in files
            if not file.startswith((own, "lambdas/common/")) and file != "lambdas/__init__.py"
        }
        modules = {f"catalog/{name}.py" for name in ("__init__", *CATALOG_MODULES)}
        assert others == modules


def test_a_lambda_imports_without_our_dependencies(folders: dict[str, Path], tmp_path: Path):
    """Away from site-packages, with nothing but what Lambda provides: boto3."""
    site_packages = Path(boto3.__file__).parents[1]
    for name in PROVIDED:
        (tmp_path / name).symlink_to(site_packages / name)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    for handler, folder in folders.items():
        code = f"import {handler.rsplit('.', 1)[0]}"
        done = subprocess.run(
            [sys.executable, "-S", "-c", code],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
