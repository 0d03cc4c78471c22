"""Ad texts sampled from our templates, split by template, written the way ads are written.

Every third ad says a second, clean thing before or after: an ad is as bad as its worst sentence.
Noise (capitals, exclamation marks, digits for letters, spaced-out words) falls on all labels alike,
so that it says nothing about any of them.
"""

import random
from dataclasses import dataclass
from functools import cache

from hassil.parse_expression import parse_sentence

from model_build.data.ad_templates import AD_LABELS, AD_SLOTS, AD_TEMPLATES
from model_build.data.profanity import profane_words
from model_build.data.split import Part, split
from model_build.data.templates import Sampler

LICENCE = "MIT"
_LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5"})


@dataclass(frozen=True)
class AdText:
    """An ad, what the policy says of it, and the template it was sampled from."""

    text: str
    label: str
    template: str


@cache
def parts() -> dict[str, Part]:
    """Returns the part of every template, split within each label."""
    result: dict[str, Part] = {}
    for label in AD_LABELS:
        result |= split(AD_TEMPLATES[label])
    return result


def ad_texts(part: Part, per_label: int, seed: int = 7) -> list[AdText]:
    """Samples distinct ads of one part, `per_label` of each label, evenly over its templates."""
    rng = random.Random(f"{seed} {part} ads")
    sampler = Sampler(rng, AD_SLOTS | {"profane": profane_words()})
    result: list[AdText] = []
    for label in AD_LABELS:
        templates = sorted(t for t in AD_TEMPLATES[label] if parts()[t] == part)
        parsed = [parse_sentence(template) for template in templates]
        clean = [parse_sentence(t) for t in AD_TEMPLATES["clean"] if parts()[t] == part]
        seen: dict[str, AdText] = {}
        for turn in range(per_label * 4):
            if len(seen) == per_label:
                break
            which = turn % len(templates)
            said = [sampler.sentence(parsed[which])]
            if rng.random() < 1 / 3:
                said.insert(rng.randrange(2), sampler.sentence(rng.choice(clean)))
            text = _as_written(". ".join(said), rng)
            seen.setdefault(text, AdText(text, label, templates[which]))
        result += seen.values()
    return result


def _as_written(text: str, rng: random.Random) -> str:
    if rng.random() < 0.35:
        call = rng.choice(AD_SLOTS["call"])
        text = f"{text}. {call}" if rng.random() < 0.7 else f"{call}: {text}"
    words = text.split()
    if rng.random() < 0.15:
        words.insert(rng.randrange(len(words) + 1), _invented_name(rng))
    if rng.random() < 0.2:
        at = rng.randrange(len(words))
        words[at] = words[at].translate(_LEET)
    if rng.random() < 0.08:
        at = rng.randrange(len(words))
        words[at] = " ".join(words[at])
    text = " ".join(words)
    style = rng.random()
    if style < 0.15:
        text = text.upper()
    elif style < 0.65:
        text = text[0].upper() + text[1:]
    return text + rng.choice(("", "", ".", "!", "!!!"))


def _invented_name(rng: random.Random) -> str:
    """Returns a name no vocabulary holds, so that an unknown word alone says nothing."""
    syllables = (
        "ba",
        "co",
        "dri",
        "el",
        "fu",
        "gor",
        "ki",
        "lan",
        "mu",
        "nor",
        "qui",
        "sta",
        "vex",
    )
    return "".join(rng.sample(syllables, rng.choice((2, 3))))
