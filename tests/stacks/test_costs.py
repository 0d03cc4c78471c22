"""The estimate of the shipped stacks: every resource has a price or is free."""

import pytest

from catalog.load import load_prices
from ops.estimate.line import Estimate
from ops.estimate.pricing import estimate
from stacks.rules.template import Template as Read
from stacks.rules.template import together
from tests.stacks.conftest import Template


def of(templates: dict[str, Template]) -> Estimate:
    read = [Read(name, "us-east-1", item.document) for name, item in templates.items()]
    return estimate(together(read), load_prices())


@pytest.fixture(scope="module")
def accelerated(accounts: dict[str, Template]) -> Estimate:
    return of(accounts)


def test_every_resource_has_a_price_or_is_free(
    templates: dict[str, Template], accelerated: Estimate
):
    assert of(templates).unpriced == {}
    assert accelerated.unpriced == {}


def test_prod_costs_more_than_dev_and_scales(accelerated: Estimate):
    assert accelerated.total("prod").low > accelerated.total("dev").high > 100
    assert accelerated.total("prod").low < accelerated.total("prod").high


def test_accelerators_are_the_largest_lines_of_prod(accelerated: Estimate):
    lines = sorted(accelerated.of(["prod"]).lines, key=lambda line: -line.usd.expected)

    assert "ml.g5.xlarge" in lines[0].what
    assert "inf1" in lines[1].what


def test_a_line_names_its_construct_and_the_source_of_its_price(accelerated: Estimate):
    assert all(line.resource and line.basis for line in accelerated.lines)
