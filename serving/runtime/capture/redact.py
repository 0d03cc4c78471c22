"""Take personal data out of text, by rule, before it leaves the process.

Rules find what has a form: addresses, card and phone numbers, long digit runs. Names have none and
stay, so captures remain personal data: they are encrypted and kept for days (see docs/runbooks).
Every repetition is bounded, so a long text costs time in proportion to its length.
"""

import re

EMAIL, CARD, PHONE, NUMBER = "<email>", "<card>", "<phone>", "<number>"

_EMAIL = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
# 13 to 19 digits, alone or in groups; only those whose check digit is right are cards.
_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d])")
# International or trunk prefix, brackets, or the North American groups of 3-3-4.
_PHONE = re.compile(
    r"(?<![\w.])(?:(?:\+|00)\d(?:[ ()./-]{0,2}\d){6,14}"
    r"|\(\d{2,5}\)(?:[ ./-]{0,2}\d){5,10}"
    r"|0\d{1,4}[ /-](?:[ ./-]?\d){5,10}"
    r"|\d{3}[-. ]\d{3}[-. ]\d{4})(?!\w)"
)
_NUMBER = re.compile(r"\d{7,64}")


def redact(text: str) -> str:
    """Return the text with each finding replaced by its kind.

    Law: `redact(redact(text)) == redact(text)`.
    """
    if "@" in text:
        text = _EMAIL.sub(EMAIL, text)
    if any(character.isdigit() for character in text):
        text = _CARD.sub(_card, text)
        text = _PHONE.sub(PHONE, text)
        text = _NUMBER.sub(NUMBER, text)
    return text


def _card(match: re.Match[str]) -> str:
    digits = [int(character) for character in match.group() if character.isdigit()]
    return CARD if _luhn(digits) else match.group()


def _luhn(digits: list[int]) -> bool:
    """Say whether the last digit checks the others, as ISO/IEC 7812 has it."""
    doubled = (2 * digit for digit in digits[-2::-2])
    total = sum(digits[-1::-2]) + sum(value - 9 if value > 9 else value for value in doubled)
    return total % 10 == 0
