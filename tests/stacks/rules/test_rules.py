"""Every rule against its example; and the shipped stacks against every rule."""

import pytest

from stacks.rules.__main__ import PAGE, page
from stacks.rules.catalogue import RULES, judge
from stacks.rules.example import Example, examples
from stacks.rules.template import together

EXAMPLES = examples()
IDS = [example.rule.id for example in EXAMPLES]


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_the_wrong_configuration_is_refused_by_this_rule_alone(example: Example):
    found = judge(together([example.wrong]))

    assert [rule.id for rule, _ in found] == [example.rule.id]


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_the_right_configuration_passes_every_rule(example: Example):
    assert [rule.id for rule, _ in judge(together([example.right]))] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_the_message_is_one_sentence_with_what_why_and_remedy(example: Example):
    message = example.message

    assert message.endswith(".")
    assert ". " not in message
    assert "\n" not in message
    assert example.rule.why in message
    assert example.rule.instead in message


def test_every_rule_names_its_source_and_is_named_once():
    assert all(rule.source and rule.refuses for rule in RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_the_page_is_what_the_rules_say():
    assert PAGE.read_text(encoding="utf-8") == page(EXAMPLES), "run `python -m stacks.rules`"
