"""What a check finds."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "warn", "fail", "unknown"]
ORDER: tuple[Verdict, ...] = ("fail", "unknown", "warn", "pass")


@dataclass(frozen=True)
class Finding:
    """One thing that was asked of an account.

    Attributes:
        check: The check's name.
        verdict: `fail` stops a deployment or a build, `warn` does later, `unknown` was not
            answered.
        says: What was found, as a sentence.
        remedy: What to do about it; empty where all is well.
    """

    check: str
    verdict: Verdict
    says: str
    remedy: str = ""
