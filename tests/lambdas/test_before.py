"""What blue must be while a release arrives: never a release that nobody is served by now."""

import pytest

from catalog import bucket
from lambdas.common.refused import Refused
from lambdas.common.variants import Endpoint, Variant
from lambdas.promote_release import before as module
from lambdas.promote_release.before import before
from lambdas.promote_release.handler import handle
from stacks.shift import before as stack_side
from stacks.shift.where import GREEN

ARRIVING = ("image:new", "s3://b/live/ads/new/inf1/")


def endpoint(**variants: tuple[str, float]) -> Endpoint:
    """Return an endpoint by its variants' releases and weights."""
    return Endpoint(
        "InService",
        "config",
        tuple(
            Variant(name, weight, f"image:{release}", f"s3://b/live/ads/{release}/inf1/")
            for name, (release, weight) in variants.items()
        ),
    )


def test_the_first_release_follows_itself():
    assert before(None, ARRIVING, "ads") == ARRIVING


def test_what_serves_goes_on_while_another_release_arrives():
    live = endpoint(blue=("older", 0), green=("old", 100))

    assert before(live, ARRIVING, "ads") == ("image:old", "s3://b/live/ads/old/inf1/")


def test_a_release_that_is_deployed_again_changes_nothing():
    live = endpoint(blue=("old", 0), green=("new", 100))

    assert before(live, ARRIVING, "ads")[0] == "image:old"


def test_a_release_that_serves_since_its_successor_was_turned_back_goes_on():
    live = endpoint(blue=("new", 100), green=("bad", 0))

    assert before(live, ARRIVING, "ads") == ARRIVING


def test_an_endpoint_that_had_one_variant_goes_on_with_it():
    assert before(endpoint(main=("old", 1)), ARRIVING, "ads")[0] == "image:old"


def test_a_shift_that_stopped_half_way_comes_to_an_end_first():
    with pytest.raises(Refused, match=r"blue 75, green 25 share its traffic.*state machine"):
        before(endpoint(blue=("old", 75), green=("bad", 25)), ARRIVING, "ads")


def test_stack_and_function_agree_on_names():
    assert (module.GREEN, module.SEPARATOR) == (GREEN, stack_side.SEPARATOR)


def test_a_promotion_notes_what_serves_where_cloudformation_reads_it(
    functions, released, manifests, cloud, platform, buckets, monkeypatch
):
    monkeypatch.setenv("SLIPWAY_SHIFTED", "ads=cpu")
    monkeypatch.setenv("SLIPWAY_REGISTRY", "1.dkr")
    first, ssm = released(), cloud.client("ssm")
    ssm.put_parameter(Name="/slipway/dev/ads/before", Value=stack_side.NOTHING, Type="String")

    def noted() -> str:
        return ssm.get_parameter(Name="/slipway/dev/ads/before")["Parameter"]["Value"]

    handle({"release": first, "environment": "dev"}, None)

    folder = f"s3://{buckets[1]}/{bucket.live_prefix('ads', first, 'cpu')}"
    assert noted() == f"1.dkr/slipway/torchserve:aaaabbbbccccdddd|{folder}"

    platform.deploy(buckets[1], first, [manifests("moderation")[0]])
    handle({"release": released(speller={"content": "other"}), "environment": "dev"}, None)

    assert noted().endswith(f"|{folder}")
