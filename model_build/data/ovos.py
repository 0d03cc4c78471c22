"""Queries by other authors, read from the packages of OVOS skills (Apache-2.0); none is trained on.

They are an independent source of paraphrases: nobody who wrote our templates wrote these.
"""

import random
import re

from model_build.data.installed import package_dir
from model_build.data.intents import Utterance, ovos_weather
from model_build.data.slots import SLOTS

# Files that ask for the present date or time, whatever the words; others do arithmetic with dates.
DATE_FILES = (
    "current_date", "what.day.is.it", "what.month.is.it", "what.time.is.it",
    "what.weekday.is.it", "what.year.is.it",
)  # fmt: skip


def dates(count: int, seed: int = 7) -> list[Utterance]:
    """Samples distinct questions for the date or the time."""
    rng = random.Random(f"{seed} ovos dates")
    folder = package_dir("ovos_skill_date_time") / "locale" / "en-us" / "intents"
    result: dict[str, Utterance] = {}
    for turn in range(count * 4):
        if len(result) == count:
            break
        name = DATE_FILES[turn % len(DATE_FILES)]
        lines = (folder / f"{name}.intent").read_text(encoding="utf-8").splitlines()
        line = rng.choice([line for line in lines if line.strip()])
        text = line.lower().replace("{location}", rng.choice(SLOTS["city"]))
        text = " ".join(re.sub(r"\{[^}]*\}", " ", text).split())
        result.setdefault(text, Utterance(text, "date-time", f"ovos: {name}"))
    return list(result.values())


def paraphrases(count: int) -> list[Utterance]:
    """Returns questions on weather and on dates, about half of each."""
    return ovos_weather(count // 2) + dates(count // 2)
