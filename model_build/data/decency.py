"""What may be shown in golden sets and examples: no sexual or offensive words.

The word pairs that phrases are drawn from were counted on the web, and show it.
"""

import re
from collections.abc import Iterable
from functools import cache

from model_build.data.profanity import profane_words

PROFANE = 400
# The beginnings of words that a list of insults, made for another purpose, leaves out.
UNFIT = re.compile(
    "adult|amateur|auschwitz|bdsm|bestial|bisex|boob|bondage|breast|cialis|cocaine|condoms?$|cum$"
    "|cumming$|enema|erot|escort|fetish|flashing|gang|gay|genital|hardcore|hentai|heroin|homos"
    "|hooker|horny|incest|kill|kinky|lesb|lingerie|lolita|masturb|milfs?$|murder|naked|nazi|nude"
    "|nudi|orgas|orgies|orgy|pant(ies|yhose)|pedo|playboy|porn|prostitut|racis|rape|sex|shemale"
    "|slave|slut|sperm|squirt|strip(p|t)|suicid|swinger|teen|terroris|thong|topless|trann|transgend"
    "|transsex|underage|upskirt|vibrator|viagra|voyeur|webcam|xxx"
)


def decent(words: Iterable[str]) -> bool:
    """Returns whether none of the words is sexual or offensive; some harmless ones are refused."""
    return not any(word in _profane() or UNFIT.match(word) for word in words)


@cache
def _profane() -> frozenset[str]:
    return frozenset(profane_words(PROFANE))
