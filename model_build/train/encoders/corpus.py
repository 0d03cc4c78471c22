"""What the student hears of the teacher: labelled queries, and many more texts without a label."""

import gzip
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

from model_build.data import intents, products
from model_build.data.installed import package_dir

SWAPPED, DROPPED = 0.25, 0.1
"""How likely a word of a variant is another text's word, or left out."""
FRAMES = (
    "please {}", "{} please", "can you {}", "could you tell me {}", "i want to know {}", "hey {}",
    "i would like to know {}", "do you know {}", "i need to {}", "help me {}", "tell me {}",
    "i am looking for {}", "is there {}", "how about {}", "{} now", "{} today", "let me know {}",
    "find out {}", "i wonder {}", "show me {}", "what about {}", "ok so {}", "{} if you can",
)  # fmt: skip
"""How people put a request into a sentence."""
PROSE = (
    "ec2", "s3", "connect", "iot", "location", "lexv2-models", "medialive", "personalize",
    "translate", "workspaces", "chime", "glue", "pinpoint", "health", "kendra",
    "alexaforbusiness",
)  # fmt: skip
"""Services whose documentation (botocore, Apache-2.0) gives plain English sentences."""
_TAG, _WORD = re.compile(r"<[^>]+>"), re.compile(r"[a-z][a-z' ]+")


def texts(
    per_label: int, off_topic: int, titles: int, variants: int, sentences: int, seed: int
) -> list[str]:
    """Returns distinct texts: training queries, product titles, variants of both, plain prose.

    A variant is a query put into a frame, or with words swapped for those of other texts, dropped
    or moved: the teacher says what it means, so it needs no label. Nothing of the validation or
    golden parts comes in.
    """
    rng = random.Random(f"{seed} corpus")
    spoken = [query.text for query in intents.utterances("train", per_label)]
    spoken += intents.off_topic("train", off_topic)
    sold = [title.text for title in products.titles("train", titles // 6)]
    said = prose(sentences, rng)
    words = [word for text in (*spoken, *sold, *said) for word in text.split()]
    varied = [_variant(rng.choice(spoken), words, rng) for _ in range(variants)]
    return list(dict.fromkeys([*spoken, *sold, *varied, *said]))


def prose(count: int, rng: random.Random) -> list[str]:
    """Samples sentences, or pieces of them, of 3 to 16 words."""
    found: dict[str, None] = {}
    for service in PROSE:
        for path in sorted((package_dir("botocore") / "data" / service).glob("*/service-2.json*")):
            for text in _documentation(path):
                found |= dict.fromkeys(part for part in _sentences(text))
    pool = sorted(found)
    return rng.sample(pool, min(count, len(pool)))


def _documentation(path: Path) -> list[str]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    shapes = json.loads(raw)["shapes"].values()
    told = [shape.get("documentation", "") for shape in shapes]
    for shape in shapes:
        told += [member.get("documentation", "") for member in shape.get("members", {}).values()]
    return told


def _sentences(text: str) -> list[str]:
    plain = " ".join(_TAG.sub(" ", text).lower().split())
    pieces = [piece.strip() for piece in re.split(r"[.:;,()]", plain)]
    return [p for p in pieces if 3 <= len(p.split()) <= 16 and _WORD.fullmatch(p)]


def _variant(text: str, words: Sequence[str], rng: random.Random) -> str:
    if rng.random() < 0.4:
        return rng.choice(FRAMES).format(text)
    kept = []
    for word in text.split():
        draw = rng.random()
        if draw >= SWAPPED + DROPPED:
            kept.append(word)
        elif draw < SWAPPED:
            kept.append(rng.choice(words))
    if len(kept) > 1 and rng.random() < 0.3:
        turn = rng.randrange(1, len(kept))
        kept = kept[turn:] + kept[:turn]
    return " ".join(kept) or text
