import pytest

from ops.scale import Bounds, NotScalable, bounds, scale

SEARCH = "endpoint/slipway-prod-search/variant/main"


class FakeScaling:
    """Application Auto Scaling with one endpoint and one service."""

    def __init__(self):
        self.targets = {
            "sagemaker": [(SEARCH, "sagemaker:variant:DesiredInstanceCount", 2, 4)],
            "ecs": [("service/slipway-prod/slipway-prod-intent", "ecs:service:DesiredCount", 1, 3)],
        }

    def get_paginator(self, operation):
        assert operation == "describe_scalable_targets"
        return self

    def paginate(self, ServiceNamespace):  # noqa: N803 (boto3's name)
        items = [
            {
                "ServiceNamespace": ServiceNamespace,
                "ResourceId": resource,
                "ScalableDimension": dimension,
                "MinCapacity": least,
                "MaxCapacity": most,
            }
            for resource, dimension, least, most in self.targets[ServiceNamespace]
        ]
        yield {"ScalableTargets": items}

    def register_scalable_target(self, **words):
        made = (words["ResourceId"], words["ScalableDimension"])
        bound = (words["MinCapacity"], words["MaxCapacity"])
        self.targets[words["ServiceNamespace"]] = [made + bound]


def test_the_bounds_of_an_endpoint_or_a_service_are_found_by_its_name_and_moved():
    client = FakeScaling()
    (found,) = bounds(client, "slipway-prod-search")
    assert (found.resource, found.least, found.most) == (SEARCH, 2, 4)

    scale(client, found, 2, 8)

    (after,) = bounds(client, "slipway-prod-search")
    assert str(after) == f"{SEARCH} 2 to 8"
    assert isinstance(bounds(client, "slipway-prod-intent")[0], Bounds)


def test_a_part_of_a_name_is_not_its_name():
    with pytest.raises(NotScalable, match="nothing scales at 'slipway-prod-sea'"):
        bounds(FakeScaling(), "slipway-prod-sea")
