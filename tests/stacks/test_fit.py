from dataclasses import replace

import pytest

from catalog import load
from catalog.artifact import Manifest
from catalog.gpu import TENSORRT
from stacks.fit import Misfit, Slot, artifacts_for, image_for
from tests.stacks.release import TAG, manifest_of

SLOT = Slot("slipway-dev-search", "triton", "cpu", "x86-64-v4", "ml.c7i.xlarge")


@pytest.fixture
def manifest() -> Manifest:
    return manifest_of(load.load_models()["embedding"])


def test_the_image_is_the_one_that_the_artifacts_were_made_for(manifest: Manifest):
    assert image_for(SLOT, [manifest]) == f"slipway/triton:{TAG}"


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": "x86-64-v3"},
        {"accelerator": "inf1"},
        {"runtime_image": f"slipway/torchserve:{TAG}"},
    ],
)
def test_an_artifact_for_something_else_is_refused(manifest: Manifest, change: dict[str, str]):
    (value,) = change.values()

    with pytest.raises(Misfit, match=value):
        image_for(SLOT, [replace(manifest, **change)])


def test_models_of_two_images_cannot_share_a_container(manifest: Manifest):
    older = replace(manifest, model="older", runtime_image="slipway/triton:fedcba9876543210")

    with pytest.raises(Misfit, match=r"older for .*fedcba9876543210.*build the older ones again"):
        image_for(SLOT, [manifest, older])


def test_where_the_machine_is_not_ours_the_architecture_is_not_asked(manifest: Manifest):
    anywhere = replace(SLOT, architecture=None)

    assert image_for(anywhere, [replace(manifest, architecture="x86-64-v3")])


def test_a_place_without_models_is_refused():
    with pytest.raises(Misfit, match="no model for it"):
        image_for(SLOT, [])


def test_of_several_targets_a_place_takes_the_one_for_its_accelerator(manifest: Manifest):
    other = replace(manifest, accelerator="g5", architecture="sm_86")

    assert artifacts_for(SLOT, [other, manifest]) == (manifest,)


def test_a_model_without_a_target_for_the_place_is_refused(manifest: Manifest):
    other = replace(manifest, accelerator="g5", architecture="sm_86")

    with pytest.raises(Misfit, match=r"embedding is made for .*sm_86.*here is .*x86-64-v4"):
        artifacts_for(SLOT, [other])


def test_an_engine_of_another_tensorrt_is_refused_with_both(manifest: Manifest):
    gpu = Slot("slipway-dev-search", "triton", "g5", "sm_86", "ml.g5.xlarge")
    built = replace(manifest, accelerator="g5", architecture="sm_86")
    fits = replace(built, toolchain={"tensorrt": f"{TENSORRT}.9"})
    foreign = replace(built, toolchain={"tensorrt": "10.9.0.34"})

    assert image_for(gpu, [fits])
    with pytest.raises(Misfit, match=rf"sm_86, tensorrt 10\.9\.0\.34.*here is .*{TENSORRT}"):
        image_for(gpu, [foreign])
