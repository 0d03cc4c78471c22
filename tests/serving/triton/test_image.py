"""The image's Dockerfile and what the catalog says of it."""

import re
from pathlib import Path

from catalog.gpu import TENSORRT, same_tensorrt

FOLDER = Path(__file__).parents[3] / "serving" / "triton"


def test_image_bindings_and_catalog_name_one_tensorrt():
    dockerfile = (FOLDER / "Dockerfile").read_text()
    bindings = (FOLDER / "requirements-gpu.txt").read_text()

    assert re.findall(r"ARG TENSORRT=(\S+)", dockerfile) == [TENSORRT]
    (pinned,) = re.findall(r"tensorrt-cu13-bindings==(\S+)", bindings)
    assert same_tensorrt(pinned)


def test_a_version_is_the_same_whatever_its_build_number():
    assert same_tensorrt(TENSORRT)
    assert same_tensorrt(f"{TENSORRT}.9")
    assert not same_tensorrt(f"{TENSORRT}1.9")
    assert not same_tensorrt("10.14.0")
