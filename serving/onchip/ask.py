"""Ask a model every question, then under load; write down what it answered and how long it took."""

import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from serving.onchip.questions import Questions

BATCH = 16
WARM_UP = 5
LEAST_CALLS = 200  # p99 of fewer is one call's luck
DIFFERENT = 16

Predict = Callable[[Sequence[Any]], Sequence[Any]]


def ask(predict: Predict, questions: Questions) -> dict[str, Any]:
    """Return answers, and under the load the milliseconds of each call and inputs a second.

    Args:
        predict: Answers a batch of inputs.
        questions: What is asked.
    """
    answers = _all(predict, questions.inputs)
    documents = _all(predict, questions.documents)
    milliseconds, throughput = under_load(predict, questions)
    return {
        "answers": answers,
        "documents": documents,
        "milliseconds": milliseconds,
        "throughput": throughput,
    }


def under_load(predict: Predict, questions: Questions) -> tuple[list[float], float]:
    """Let clients call back to back; return each call's milliseconds, and inputs a second.

    A call that fails ends the run with its error.
    """
    size, clients = int(questions.load["batch"]), int(questions.load["concurrency"])
    seconds = float(questions.load["seconds"])
    batches = _batches(questions.inputs, size)
    for number in range(WARM_UP):
        predict(batches[number % len(batches)])
    samples: list[list[float]] = [[] for _ in range(clients)]
    failures: list[BaseException] = []
    start = perf_counter()

    def client(own: list[float], offset: int) -> None:
        try:
            while not failures and (
                perf_counter() - start < seconds or len(own) * clients < LEAST_CALLS
            ):
                batch = batches[(offset + len(own) * clients) % len(batches)]
                began = perf_counter()
                predict(batch)
                own.append(1e3 * (perf_counter() - began))
        except BaseException as error:  # a thread's own error would be lost
            failures.append(error)

    threads = [
        threading.Thread(target=client, args=(own, offset)) for offset, own in enumerate(samples)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    elapsed = perf_counter() - start
    merged = [value for own in samples for value in own]
    return merged, len(merged) * size / elapsed


def _all(predict: Predict, inputs: Sequence[Any]) -> list[Any]:
    made: list[Any] = []
    for start in range(0, len(inputs), BATCH):
        made += predict(inputs[start : start + BATCH])
    return [item if isinstance(item, str) else [float(value) for value in item] for item in made]


def _batches(inputs: Sequence[Any], size: int) -> list[list[Any]]:
    different = min(DIFFERENT, len(inputs))
    step = len(inputs) // different
    return [
        [inputs[(step * start + offset) % len(inputs)] for offset in range(size)]
        for start in range(different)
    ]
