import pytest

from model_build.compilers.neuron.search import Hopeless, search

COSTS = {"embed": 1.0, "layer.0": 10.0, "layer.1": 10.0, "head": 2.0}


def likeness_where(needed):
    """A model that answers rightly only while the needed parts are in FP32."""
    asked = []

    def likeness(kept):
        asked.append(kept)
        return 1.0 - 0.2 * len(set(needed) - kept)

    return likeness, asked


def test_a_model_that_bears_the_cast_is_cast_whole_after_one_trial():
    likeness, asked = likeness_where([])

    found = search(COSTS, likeness, floor=0.99)

    assert (found.kept, found.share) == (frozenset(), 0.0)
    assert asked == [frozenset()]


def test_one_part_that_must_stay_is_found_and_its_share_of_the_work_is_told():
    likeness, _ = likeness_where(["head"])

    found = search(COSTS, likeness, floor=0.99)

    assert found.kept == {"head"}
    assert found.share == pytest.approx(2 / 23)
    assert [trial.step for trial in found.trials] == ["cast everything", "keep embed", "keep head"]


def test_two_parts_that_are_needed_together_are_both_kept_and_no_other():
    likeness, asked = likeness_where(["embed", "layer.1"])

    found = search(COSTS, likeness, floor=0.99)

    assert found.kept == {"embed", "layer.1"}
    assert len(asked) <= 1 + 3 * len(COSTS)


def test_a_part_that_was_kept_in_vain_is_given_back():
    def likeness(kept):  # alone each mends a little, but layer.0 and head together are enough
        if {"layer.0", "head"} <= kept:
            return 1.0
        return 0.5 + 0.1 * len(kept & {"embed"}) + 0.05 * len(kept & {"layer.0", "head"})

    found = search(COSTS, likeness, floor=0.99)

    assert found.kept == {"layer.0", "head"}


def test_what_casting_did_not_break_is_said_so():
    with pytest.raises(Hopeless, match="casting is not what is wrong"):
        search(COSTS, lambda kept: 0.5, floor=0.9)
