"""Seeded sampling of sentences from hassil templates.

hassil's own sampler walks alternatives in a fixed order, so its first sentences all look alike;
this one takes each alternative, slot value and order at random, from the caller's generator.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hassil.expression import (
    Alternative,
    Expression,
    Group,
    ListReference,
    Permutation,
    RuleReference,
    Sentence,
    TextChunk,
)
from hassil.intents import RangeSlotList, SlotList, TextSlotList

from model_build.data.slots import SLOTS


@dataclass(frozen=True)
class Sampler:
    """Samples sentences.

    Attributes:
        rng: Decides everything that is free; equal states give equal sentences.
        slots: Values by slot name; they come before `lists`.
        rules: hassil's expansion rules by name.
        lists: hassil's slot lists by name.
    """

    rng: random.Random
    slots: Mapping[str, Sequence[str]] = field(default_factory=lambda: SLOTS)
    rules: Mapping[str, Sentence] = field(default_factory=dict)
    lists: Mapping[str, SlotList] = field(default_factory=dict)

    def sentence(self, template: Sentence) -> str:
        """Returns one sentence of the template: lower case, single spaces.

        Raises:
            KeyError: If the template names a rule or a list that nobody defines.
        """
        return " ".join(self._walk(template.expression).lower().split())

    def _walk(self, expression: Expression) -> str:
        match expression:
            case TextChunk():
                return expression.original_text
            case Alternative():
                return self._walk(self.rng.choice(expression.items))
            case Permutation():
                items = self.rng.sample(expression.items, len(expression.items))
                return " ".join(self._walk(item).strip() for item in items)
            case Group():
                return "".join(self._walk(item) for item in expression.items)
            case RuleReference():
                return self._walk(self.rules[expression.rule_name].expression)
            case ListReference():
                return self._value(expression.list_name)
        raise TypeError(f"templates: cannot sample a {type(expression).__name__}")

    def _value(self, name: str) -> str:
        if name in self.slots:
            return self.rng.choice(self.slots[name])
        values = self.lists[name]
        if isinstance(values, RangeSlotList):
            return str(self.rng.randrange(values.start, values.stop + 1, values.step))
        if isinstance(values, TextSlotList) and values.values:
            return self._walk(self.rng.choice(values.values).text_in)
        raise KeyError(f"templates: no values for the list {name!r}; add them to slots.py")
