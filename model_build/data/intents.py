"""Query intents: utterances sampled from templates, split by template family.

Sources: home-assistant-intents (Apache-2.0, read from the installed package), our own templates,
and, never trained on, the sentences of ovos-skill-weather (Apache-2.0), by other authors.
"""

import json
import random
import re
from dataclasses import dataclass
from functools import cache

from hassil.expression import Sentence
from hassil.intents import Intents
from hassil.parse_expression import parse_sentence

from model_build.data.installed import package_dir
from model_build.data.intent_templates import (
    LABELS,
    OFF_TOPIC_GOLDEN,
    OFF_TOPIC_TRAIN,
    TEMPLATES,
)
from model_build.data.slots import SLOTS
from model_build.data.split import Part, split
from model_build.data.templates import Sampler

LABEL_NAMES: tuple[str, ...] = tuple(sorted(LABELS))
LICENCE = "Apache-2.0"
# "2 hours" and "2 minutes", or "in the kitchen" and "on the first floor", are one way of asking.
_UNITS = re.compile(r"\b(hour|minute|second)s?\b|hour\[s\]|minute\[s\]|second\[s\]")
_SLOT = re.compile(r"\{(?:timer_(?:hours|minutes|seconds|half)|area|floor|name)[^}]*\}")


@dataclass(frozen=True)
class Template:
    """One way of asking.

    Attributes:
        label: The intent.
        family: What the split keeps together: the template with units and places made equal.
        sentence: The parsed template.
    """

    label: str
    family: str
    sentence: Sentence


@dataclass(frozen=True)
class Utterance:
    """A query with its intent and the template family it was sampled from."""

    text: str
    label: str
    family: str


@cache
def _home_assistant() -> Intents:
    text = (package_dir("home_assistant_intents") / "data" / "en.json").read_text(encoding="utf-8")
    return Intents.from_dict(json.loads(text))


def family_of(template: str) -> str:
    """Returns the template with what does not change its wording made equal."""
    return _UNITS.sub("<unit>", _SLOT.sub("{slot}", template))


@cache
def templates() -> tuple[Template, ...]:
    """Returns all templates of all labels, Home Assistant's and ours."""
    found = []
    for label, names in LABELS.items():
        for name in names:
            for data in _home_assistant().intents[name].data:
                found += [
                    Template(label, f"{label}: {family_of(s.text or '')}", s)
                    for s in data.sentences
                ]
        for text in TEMPLATES.get(label, ()):
            family = f"{label}: {family_of(text)}"
            found.append(Template(label, family, parse_sentence(text)))
    return tuple(found)


@cache
def parts() -> dict[str, Part]:
    """Returns the part of every template family, split within each label."""
    result: dict[str, Part] = {}
    for label in LABEL_NAMES:
        result |= split(t.family for t in templates() if t.label == label)
    return result


def utterances(part: Part, per_label: int, seed: int = 7) -> list[Utterance]:
    """Samples distinct queries of one part: `per_label` of each label, evenly over its families.

    A label with few slots may give fewer; the order is by label and then as sampled.
    """
    rng = random.Random(f"{seed} {part}")
    home = _home_assistant()
    result: list[Utterance] = []
    for label in LABEL_NAMES:
        # What Home Assistant calls the name of a list would else be that of a device.
        slots = SLOTS | {"name": SLOTS["list_name"]} if label.startswith("list-") else SLOTS
        sampler = Sampler(rng, slots, home.expansion_rules, home.slot_lists)
        families: dict[str, list[Template]] = {}
        for template in templates():
            if template.label == label and parts()[template.family] == part:
                families.setdefault(template.family, []).append(template)
        seen: dict[str, Utterance] = {}
        for turn in range(per_label * 4):
            if len(seen) == per_label:
                break
            family = sorted(families)[turn % len(families)]
            template = rng.choice(families[family])
            text = sampler.sentence(template.sentence)
            seen.setdefault(text, Utterance(text, label, family))
        result += seen.values()
    return result


def off_topic(part: Part, count: int, seed: int = 7) -> list[str]:
    """Samples distinct queries that no label covers; golden topics are asked nowhere else."""
    rng = random.Random(f"{seed} off-topic {part}")
    texts = OFF_TOPIC_GOLDEN if part == "golden" else OFF_TOPIC_TRAIN
    sampler = Sampler(rng)
    parsed = [parse_sentence(text) for text in texts]
    found: dict[str, None] = {}
    for turn in range(count * 4):
        if len(found) == count:
            break
        found.setdefault(sampler.sentence(parsed[turn % len(parsed)]))
    return list(found)


def ovos_weather(count: int, seed: int = 7) -> list[Utterance]:
    """Returns weather questions by other authors; all are golden, none is trained on.

    `current_temperature` is left out: "how warm is it" may as well mean the room.
    """
    rng = random.Random(f"{seed} ovos")
    folder = package_dir("ovos_skill_weather") / "locale" / "en-us" / "intents"
    files = sorted(f.name for f in folder.iterdir() if f.name != "current_temperature.intent")
    result: dict[str, Utterance] = {}
    for turn in range(count * 4):
        if len(result) == count:
            break
        name = files[turn % len(files)]
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        line = rng.choice([line for line in lines if line.strip()])
        text = line.lower().replace("{location}", rng.choice(SLOTS["city"]))
        text = " ".join(re.sub(r"\{[^}]*\}", " ", text).split())
        result.setdefault(text, Utterance(text, "weather", f"ovos: {name}"))
    return list(result.values())


def paraphrases(seed: int = 7) -> list[tuple[str, str]]:
    """Returns pairs that ask for the same thing with the same values in unlike words.

    Each pair is sampled from two templates of one Home Assistant intent that name the same slots;
    no intent gives more than eight pairs and no text appears twice.
    """
    rng = random.Random(f"{seed} paraphrases")
    home = _home_assistant()
    result: list[tuple[str, str]] = []
    seen: set[str] = set()
    # Questions about a state are left out: their templates ask different things of one device.
    intents = {name for names in LABELS.values() for name in names} - {"HassGetState"}
    for name in sorted(intents):
        by_slots: dict[tuple[str, ...], list[Sentence]] = {}
        for data in home.intents[name].data:
            for sentence in data.sentences:
                slots = tuple(sorted(set(re.findall(r"\{([^}:]+)", sentence.text or ""))))
                if slots and set(slots) <= SLOTS.keys():
                    by_slots.setdefault(slots, []).append(sentence)
        several = [(s, t) for s, t in sorted(by_slots.items()) if len(t) > 1]
        for turn in range(8 if several else 0):
            slots, sentences = several[turn % len(several)]
            # One value per slot, so that both sentences mean the same.
            chosen: dict[str, tuple[str, ...]] = {s: (rng.choice(SLOTS[s]),) for s in slots}
            sampler = Sampler(rng, SLOTS | chosen, home.expansion_rules, home.slot_lists)
            query, document = (sampler.sentence(s) for s in rng.sample(sentences, 2))
            if query != document and not {query, document} & seen:
                seen |= {query, document}
                result.append((query, document))
    return result
