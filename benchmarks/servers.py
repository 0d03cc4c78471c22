"""The systems of the intent benchmark, as processes."""

from pathlib import Path

from model_build.loadtest.service import (
    ROOT,
    START_SECONDS,
    System,
    free_port,
    running,
    shipped,
    start,
)

__all__ = ["ROOT", "START_SECONDS", "System", "control", "floor", "free_port", "running", "shipped"]


def control(engine: str, directory: Path, workers: int) -> System:
    """Start plain FastAPI around the `compiled` model or the `eager` one."""
    port = free_port()
    arguments = ["benchmarks.control", engine, str(directory), str(port), str(workers)]
    names = {"compiled": "FastAPI, same engine", "eager": "FastAPI, eager PyTorch"}
    return start(names[engine], port, arguments, {})


def floor(workers: int) -> System:
    """Start a server that computes nothing: what generator and kernel alone take of the time."""
    port = free_port()
    return start("nothing computed", port, ["benchmarks.floor", str(port), str(workers)], {})
