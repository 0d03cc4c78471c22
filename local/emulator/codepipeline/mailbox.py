"""Answers that an action waits for: a person's approval, a Lambda's job result."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

POLL_S = 0.2


class NoAnswer(Exception):
    """Nobody answered in time, or the execution was stopped."""


class Mailbox:
    """Letters by token; a token is open from the moment an action waits for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._letters: dict[str, Mapping[str, Any] | None] = {}

    def open(self, token: str) -> None:
        """Begin to accept a letter for a token."""
        with self._changed:
            self._letters[token] = None

    def close(self, token: str) -> None:
        """Accept no more."""
        with self._changed:
            self._letters.pop(token, None)

    def deliver(self, token: str, letter: Mapping[str, Any]) -> bool:
        """Deliver a letter; False if nobody waits for one with this token."""
        with self._changed:
            if token not in self._letters:
                return False
            self._letters[token] = letter
            self._changed.notify_all()
            return True

    def wait(self, token: str, timeout_s: float, stopped: Callable[[], bool]) -> Mapping[str, Any]:
        """Return the letter for a token and take it out.

        Raises:
            NoAnswer: If the time is over or the execution is stopped.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while (letter := self._letters.get(token)) is None:
                if time.monotonic() > deadline:
                    raise NoAnswer(f"no answer within {timeout_s / 60:g} minutes")
                if stopped():
                    raise NoAnswer("the execution was stopped")
                self._changed.wait(POLL_S)
            self._letters[token] = None
            return letter
