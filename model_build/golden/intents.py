"""Golden queries for intent: of template families that training never saw, and of other authors.

From home-assistant-intents and ovos-skill-weather (both Apache-2.0) and our own templates; see
`model_build.data.intents`. Only OVOS's questions on the weather come in, since it has no others.
"""

from model_build.data.intents import LICENCE, ovos_weather, utterances
from model_build.golden import GoldenSet
from model_build.golden.digest import golden_set

PER_LABEL = 18
BY_OTHERS = 60


def build(name: str) -> GoldenSet:
    """Returns about 400 queries with their intents."""
    queries = utterances("golden", PER_LABEL) + ovos_weather(BY_OTHERS)
    return golden_set(
        name,
        "classification",
        [query.text for query in queries],
        [query.label for query in queries],
        licence=LICENCE,
    )
