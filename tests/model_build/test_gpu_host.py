import subprocess
import sys
from pathlib import Path

import pytest

from catalog.gpu import TENSORRT
from model_build.gpu_host import Host, faults

ROOT = Path(__file__).resolve().parents[2]

GOOD = Host("NVIDIA A10G", "8.6", "580.82.07", TENSORRT, "0123456789abcdef")


def test_the_host_that_serves_is_the_host_that_builds():
    assert faults(GOOD, "8.6", 580, "0123456789abcdef") == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"compute_capability": "7.0"}, "compute capability 7.0, needed 8.6: an A10G is"),
        ({"driver": "535.104"}, "driver 535.104, needed 580 or newer"),
        ({"driver": "unknown"}, "driver unknown, needed 580"),
        ({"tensorrt": "10.9.0"}, f"TensorRT 10.9.0, needed {TENSORRT}"),
        ({"image": "another"}, "image slipway/triton:another, this commit's is"),
    ],
)
def test_each_part_of_the_tuple_that_differs_is_named(wrong: dict, said: str):
    host = Host(**{**vars(GOOD), **wrong})

    (fault,) = faults(host, "8.6", 580, "0123456789abcdef")

    assert said in fault


def test_a_machine_without_a_gpu_is_refused_with_its_tuple_before_anything_is_installed():
    # -S: as in the image, whose Python has none of our packages
    done = subprocess.run(
        [sys.executable, "-S", "-m", "model_build.gpu_host", "--compute-capability", "8.6",
         "--driver", "580"],
        cwd=ROOT, env={"PATH": "/nowhere", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stdout.startswith("gpu host: gpu unknown, compute_capability unknown")
    assert "needed 8.6" in done.stderr
