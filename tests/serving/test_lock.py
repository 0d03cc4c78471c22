"""What the images install: the tested versions, and enough of them."""

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from serving import lock
from tests.serving import tiny

ROOT = Path(__file__).resolve().parents[2]
IMPORTS = {
    "triton": "serving.runtime.text_codec, serving.runtime.onnxruntime_engine,"
    " serving.runtime.openvino_engine, serving.runtime.ctranslate2_engine",
    "torchserve": "serving.runtime.image_codec, serving.torchserve.handler,"
    " serving.torchserve.__main__, ts.model_service_worker, ts.metrics.metric_collector",
    "intent": "serving.intent.__main__, boto3, uvloop, opentelemetry.sdk.trace.export,"
    " opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "batch": "serving.batch.__main__, boto3",
}
JOB = "serving.drift.judge, serving.drift.reference, jinja2, matplotlib.figure, boto3"


@pytest.mark.parametrize("image", lock.IMAGES)
def test_an_image_installs_what_the_repository_locks(image: str):
    written = (ROOT / "serving" / image / "requirements.txt").read_text()

    assert written == lock.requirements(image), "run: python -m serving.lock"
    assert "--hash=sha256:" in written


@pytest.mark.parametrize("image", lock.ON_CHIPS)
def test_an_image_for_a_chip_adds_tested_versions_to_awss_container(image: str):
    written = (ROOT / "serving" / image / "requirements-neuron.txt").read_text()

    assert written == lock.requirements(image, name=lock.OF_CHIP), "run: python -m serving.lock"
    assert "numpy" not in written
    assert "torch" not in written


@pytest.mark.parametrize("image", IMPORTS)
def test_an_images_packages_are_enough_to_serve(image: str, tmp_path: Path):
    site = packages(image, tmp_path)
    (site / "torch.py").symlink_to(ROOT / "serving/torchserve/torch_stand_in.py")
    model = tiny.encoder(tmp_path / "model", "intent", "classification", ("play", "weather"))
    code = f"import {IMPORTS[image]}\nfrom pathlib import Path\nfrom serving.runtime import load\n"
    code += f"print(load(Path({str(model)!r})).predict(['jazz'])[0].shape)"

    assert run(code, site) == "(2,)"


def test_the_drift_jobs_packages_are_enough_to_judge(tmp_path: Path):
    assert run(f"import {JOB}\nprint('ready')", packages("drift", tmp_path)) == "ready"


def packages(image: str, folder: Path) -> Path:
    """Return a folder with what an image installs, and nothing else."""
    site = folder / "site"
    site.mkdir()
    for line in (ROOT / "serving" / image / "requirements.in").read_text().splitlines():
        if not line.startswith("#"):
            link(line, site)
    return site


def run(code: str, site: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env={"PYTHONPATH": f"{site}:{ROOT}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def link(name: str, site: Path) -> None:
    """Link what a package installed into another folder."""
    installed = distribution(name)
    for item in {path.parts[0] for path in installed.files or () if path.parts[0] != ".."}:
        source = Path(str(installed.locate_file(item)))
        target = site / item
        if source.exists() and not target.exists():
            target.symlink_to(source)


def test_a_package_that_is_not_locked_is_named(tmp_path: Path):
    for path in ("requirements/runtime.txt", "requirements/files.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("numpy==1.26.4 \\\n    --hash=sha256:00\n")
    (tmp_path / "serving/intent").mkdir(parents=True)
    (tmp_path / "serving/intent/requirements.in").write_text("numpy\nleft-pad\n")

    with pytest.raises(KeyError, match=r"serving/intent/requirements\.in: \['left-pad'\]"):
        lock.requirements("intent", tmp_path)
