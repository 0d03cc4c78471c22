"""What a run is told: options, each of which is also a variable."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

PROCESSING = Path("/opt/ml/processing")
PROCESSING_INPUT, PROCESSING_OUTPUT = PROCESSING / "input" / "pairs", PROCESSING / "output"


class WrongSetting(Exception):
    """An option or variable is missing or means nothing; the message names it and the remedy."""


@dataclass(frozen=True)
class Settings:
    """A run's settings.

    Attributes:
        input: `s3://BUCKET/PREFIX/` or a folder.
        output: The same.
        artifact: The archive: `s3://BUCKET/KEY` or a path.
        artifact_sha256: The digest that its bytes must have, hex.
        workers: Processes that score.
        array_size: How many machines share the shards.
        array_index: Which of them this is, from 0.
        usd_per_hour: The machine's price, or 0 if nobody said.
    """

    input: str
    output: str
    artifact: str
    artifact_sha256: str
    workers: int
    array_size: int = 1
    array_index: int = 0
    usd_per_hour: float = 0.0


def read(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> Settings:
    """Read options, then the variables of those that are not given.

    Raises:
        WrongSetting: Something is missing or not what it must be.
    """
    given = _parser().parse_args(arguments)
    values = _Values(vars(given), environment)
    settings = Settings(
        input=values.text("input", str(PROCESSING_INPUT) if PROCESSING_INPUT.is_dir() else ""),
        output=values.text("output", str(PROCESSING_OUTPUT) if PROCESSING.is_dir() else ""),
        artifact=values.text("artifact"),
        artifact_sha256=values.text("artifact_sha256"),
        workers=int(values.number("workers", len(os.sched_getaffinity(0)), least=1)),
        array_size=int(values.number("array_size", 1, least=1)),
        array_index=int(values.number("array_index", 0)),
        usd_per_hour=values.number("usd_per_hour", 0),
    )
    sha256 = settings.artifact_sha256
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise WrongSetting(f"--artifact-sha256 is {sha256!r}; give 64 lower-case hex characters")
    if settings.array_index >= settings.array_size:
        raise WrongSetting(
            f"--array-index is {settings.array_index}, but --array-size is {settings.array_size};"
            f" set {_variable('array_size')} to the array's size"
        )
    if settings.output.rstrip("/") == settings.input.rstrip("/"):
        raise WrongSetting(f"--output is the input, {settings.input}; give another place")
    return settings


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongSetting(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m serving.batch", description=sys.modules[__name__].__doc__)
    for name, told in (
        ("input", "folder or s3:// prefix of Parquet shards"),
        ("output", "folder or s3:// prefix"),
        ("artifact", "archive of a pair classifier: path or s3:// URI"),
        ("artifact_sha256", "its digest, hex"),
        ("workers", "processes that score (default: the cores it may use)"),
        ("array_size", "machines that share the shards (default: 1)"),
        ("array_index", "which of them this is, from 0 (default: 0)"),
        ("usd_per_hour", "the machine's price, for the summary"),
    ):
        parser.add_argument(
            f"--{name.replace('_', '-')}", help=f"{told}; or variable {_variable(name)}"
        )
    return parser


def _variable(name: str) -> str:
    return "AWS_BATCH_JOB_ARRAY_INDEX" if name == "array_index" else f"SLIPWAY_{name.upper()}"


@dataclass(frozen=True)
class _Values:
    given: Mapping[str, str | None]
    environment: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        value = self.given[name] or self.environment.get(_variable(name)) or default
        if not value:
            option = f"--{name.replace('_', '-')}"
            raise WrongSetting(f"{option} is missing; give it, or set {_variable(name)}")
        return value

    def number(self, name: str, default: float, least: float = 0) -> float:
        value = self.text(name, str(default))
        whole = name != "usd_per_hour"
        try:
            number = int(value) if whole else float(value)
        except ValueError:
            number = -1
        if not least <= number < 1e9:
            kind = "whole number" if whole else "number"
            raise WrongSetting(
                f"--{name.replace('_', '-')} ({_variable(name)}) is {value!r}; give a {kind},"
                f" {least:g} or more"
            )
        return number
