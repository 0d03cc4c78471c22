import pytest

from model_build.compilers.contract import ImpossibleTarget
from model_build.compilers.fidelity import fidelity
from model_build.compilers.neuron.casts import cast
from model_build.compilers.neuron.policy import choose_policy, work
from model_build.compilers.probes import probes

FLOOR = 0.85  # random weights leave many probes near a border


def answers_alike(source, module):
    expected = source.predict(probes("classification"))
    source.module = module
    return fidelity("classification", expected, source.predict(probes("classification")))[1]


def test_a_model_that_bears_it_is_cast_whole(sturdy, row):
    policy = choose_policy(row(), sturdy, "auto", FLOOR)

    assert policy.precision == "bf16"
    assert policy.to_json()["kept_fp32"] == []


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_a_model_made_to_lose_its_answers_is_mended_by_keeping_the_parts_that_broke_it(
    fragile, row, precision
):
    policy = choose_policy(row(), fragile, precision, FLOOR)

    kept = policy.to_json()["kept_fp32"]
    assert kept == ["lift", "lower"]
    assert policy.to_json()["fp32_share_of_work"] < 0.01
    assert answers_alike(fragile, cast(fragile.module, precision)) < FLOOR


def test_what_the_search_chose_is_what_the_compiled_module_does(fragile, row):
    policy = choose_policy(row(), fragile, "bf16", FLOOR)

    assert answers_alike(fragile, policy.module) == policy.found.likeness


def test_the_work_of_a_part_grows_with_its_size(sturdy, row):
    counted = work(row(), sturdy)

    assert counted["embed.bert.encoder.layer.0"] > counted["head"] > 0


def test_a_precision_that_the_chip_lacks_is_refused(sturdy, row):
    with pytest.raises(ImpossibleTarget, match=r"precision 'int8'.*use auto, bf16, fp16 or fp32"):
        choose_policy(row(), sturdy, "int8")
