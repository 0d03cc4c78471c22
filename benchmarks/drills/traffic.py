"""Steady calls of an environment's models, each tried once, each remembered."""

import itertools
import threading
import time
import urllib.error
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from ops.account import Account
from ops.ask import ask

FAILURES = (BotoCoreError, ClientError, OSError, ValueError, KeyError)


@dataclass(frozen=True)
class Question:
    """What is asked: a model's name, and the call that asks it."""

    model: str
    ask: Callable[[], object]


@dataclass(frozen=True)
class Call:
    """One call: when it began, in epoch seconds, whom it asked, how long it took in ms.

    `fault` is empty where it was answered.
    """

    at: float
    model: str
    ms: float
    fault: str = ""


def questions(account: Account, environment: str) -> list[Question]:
    """Return every example of every model that an endpoint or service answers."""
    context = account.context(environment, account.live_release(environment))
    first = [next(iter(made.values())) for made in context.manifests.values()]
    return [
        Question(item.model, partial(ask, account, environment, item, example.input))
        for item in first
        if item.serve["kind"] in ("endpoint", "service")
        for example in item.examples
    ]


@dataclass
class Traffic:
    """Calls at a pace from a few threads, from `with` to its end.

    Attributes:
        asked: The questions, asked in turn.
        per_second: How many a second, if the servers keep up.
        threads: Clients at once.
        calls: What was asked so far.
    """

    asked: Sequence[Question]
    per_second: float
    threads: int = 8
    calls: list[Call] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Traffic":
        turn = itertools.cycle(self.asked)
        lock = threading.Lock()

        def work() -> None:
            while not self._stop.is_set():
                with lock:
                    question = next(turn)
                call = _call(question)
                self.calls.append(call)
                self._stop.wait(max(0.0, self.threads / self.per_second - call.ms / 1000))

        self._running = [threading.Thread(target=work) for _ in range(self.threads)]
        for thread in self._running:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._running:
            thread.join()

    @property
    def lost(self) -> list[Call]:
        """Return the calls that got no answer."""
        return [call for call in self.calls if call.fault]

    def faults(self) -> list[str]:
        """Return what failed calls were told, the most frequent first, with how often."""
        told = Counter((call.model, call.fault[:200]) for call in self.lost)
        return [f"{count} times {model}: {fault}" for (model, fault), count in told.most_common(5)]

    def since(self, moment: float, model: str) -> list[Call]:
        """Return the calls of a model that began after a moment, in epoch seconds."""
        return [c for c in list(self.calls) if c.at > moment and c.model == model]


def _call(question: Question) -> Call:
    began = time.time()
    fault = ""
    try:
        question.ask()
    except urllib.error.HTTPError as error:
        again = error.headers.get("Retry-After")
        fault = (
            f"{error.code}{f', come again in {again} s' if again else ''}: {error.read()[:80]!r}"
        )
    except FAILURES as error:
        fault = str(error) or type(error).__name__
    return Call(began, question.model, 1000 * (time.time() - began), fault)
