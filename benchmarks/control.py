"""The controls of the intent benchmark: plain FastAPI, as anyone would write it first.

`python -m benchmarks.control ENGINE DIRECTORY PORT WORKERS`: ENGINE is `compiled`, the compiled
model of DIRECTORY, or `eager`, the row's source in PyTorch.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, Field

from catalog.load import load_models
from serving.runtime import load

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "SLIPWAY_CONTROL"
NAME = "intent"


class Query(BaseModel):
    """A request."""

    text: str = Field(min_length=1, max_length=2000)


class Answer(BaseModel):
    """An answer, with the keys of the service's own."""

    intent: str
    confidence: float
    probabilities: dict[str, float]
    model: str


def create() -> FastAPI:
    """Make a worker's application."""
    engine, _, directory = os.environ[VARIABLE].partition(":")
    spec = load_models()[NAME]
    predict = _eager(spec) if engine == "eager" else load(Path(directory)).predict
    for _ in range(20):
        predict(["warm up the engine"])
    app = FastAPI()

    @app.post("/v1/intent")
    async def intent(query: Query) -> Answer:
        (row,) = predict([query.text])
        best = int(row.argmax())
        threshold = spec.decision.threshold if spec.decision else 0.0
        fallback = spec.decision.fallback if spec.decision else ""
        return Answer(
            intent=spec.labels[best] if row[best] >= threshold else fallback,
            confidence=float(row[best]),
            probabilities=dict(zip(spec.labels, row.tolist(), strict=True)),
            model=NAME,
        )

    @app.get("/readyz")
    async def ready() -> str:
        return "ready"

    return app


def _eager(spec: Any) -> Any:
    import torch

    from model_build.sources import load_source

    torch.set_num_threads(1)
    return load_source(spec, ROOT).predict


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM."""
    engine, directory, port, workers = arguments or sys.argv[1:]
    os.environ[VARIABLE] = f"{engine}:{directory}"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    uvicorn.run(
        "benchmarks.control:create",
        factory=True,
        host="127.0.0.1",
        port=int(port),
        workers=int(workers),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_worker_healthcheck=60,  # loading a model on a busy machine takes a while
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
