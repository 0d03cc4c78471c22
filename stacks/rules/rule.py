"""A rule: a small function over a template, and the sentence that it says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stacks.rules.template import Resource, Template


@dataclass(frozen=True)
class Finding:
    """Something wrong: at a resource's property, in words such as `variant main is on ml.p3`."""

    resource: Resource
    at: str
    found: str


Check = Callable[[Template], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """What is refused and why.

    Attributes:
        id: The name under which CDK reports and acknowledges it.
        refuses: What is refused, in a few words.
        why: What AWS does with it instead of complaining at once.
        instead: What to write.
        source: The page or issue that says so.
        check: Finds it in a template.
    """

    id: str
    refuses: str
    why: str
    instead: str
    source: str
    check: Check

    def sentence(self, finding: Finding) -> str:
        """Return what is wrong, why AWS says nothing, and what to write, as one sentence."""
        return f"{finding.found}, but {self.why}: {self.instead}."


def rule(*, why: str, instead: str, source: str) -> Callable[[Check], Rule]:
    """Make a rule of a function; its name is the rule's, its docstring says what is refused."""

    def make(check: Check) -> Rule:
        words = (check.__doc__ or "").strip().removesuffix(".")
        name = check.__name__.strip("_").replace("_", "-")
        return Rule(name, words, why, instead, source, check)

    return make
