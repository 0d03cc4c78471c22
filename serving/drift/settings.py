"""What the job is told: options, or the variables of the same meaning; an empty one is unset."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from serving.drift.judge import MIN_ROWS

HELP = """Hold captured traffic against the baselines of a release.

For each model it reads the records of the window, compares every feature with the baseline's, and
writes MODEL/yyyy/mm/dd/hh/{violations.json,report.json,page.html} and latest/MODEL.html. Metrics go
to CloudWatch, namespace Slipway/Drift, dimensions Environment, Endpoint, Model: Records, Enough (0
where nothing can be said: that is not "no drift"), Drifted (features), Distance, Labelled, Quality.

  python -m serving.drift --capture s3://B/capture --out s3://B/drift --bucket B \\
      intent,slipway-dev-intent,classification,MANIFEST_HEX
  python -m serving.drift --hours 0.05            # a drill: the last three minutes
  python -m serving.drift --no-metrics --capture file:///tmp/capture --baselines file:///tmp/b ...

Exit status: 0 every model was judged or has not enough records (drift is no error: metrics and
violations say it); 1 something could not be read or written, try again; 2 it is set up wrongly.
"""


class WrongSetting(ValueError):
    """An option means nothing or is missing; the message names it, its value and the remedy."""


@dataclass(frozen=True)
class Watched:
    """One model under watch: its endpoint as captures name it, its task, its manifest's digest."""

    model: str
    endpoint: str
    task: str = ""
    manifest: str = ""


@dataclass(frozen=True)
class Settings:
    """The job's settings; places are `s3://BUCKET/PREFIX` or `file:///FOLDER`.

    Attributes:
        environment: A dimension of the metrics.
        models: What is watched.
        capture: Where records lie.
        out: Where verdicts go.
        bucket: Holds manifests and, by digest, the baselines.
        baselines: A place with MODEL/FILE instead, for work by hand.
        labels: A place with `*.jsonl` of `{"eventId", "label"}`; empty for none.
        release: Shown on the pages.
        start: From when (UTC) records are read.
        end: Until when.
        least: The fewest rows from which anything is said.
        rebaseline: Make the window the new baseline instead of judging it.
        metrics: Whether CloudWatch is told.
    """

    environment: str
    models: tuple[Watched, ...]
    capture: str
    out: str
    bucket: str
    baselines: str
    labels: str
    release: str
    start: datetime
    end: datetime
    least: int
    rebaseline: bool
    metrics: bool

    @staticmethod
    def read(arguments: Sequence[str], environment: Mapping[str, str], now: datetime) -> "Settings":
        """Read options, then variables.

        Raises:
            WrongSetting: One is missing or not what it must be.
        """
        given = _parser(environment).parse_args(arguments)
        end = _time(given.end) if given.end else now
        hours, least = _number("hours", given.hours), _number("min-samples", given.min_samples)
        for option in ("capture", "out"):
            if not getattr(given, option):
                raise WrongSetting(f"--{option} is missing; see python -m serving.drift --help")
        if not (given.bucket or given.baselines):
            raise WrongSetting("neither --bucket nor --baselines says where baselines lie")
        return Settings(
            environment=given.environment or "local",
            models=_named(given.model) if given.model else _listed(given.models),
            capture=given.capture,
            out=given.out,
            bucket=given.bucket,
            baselines=given.baselines,
            labels=given.labels,
            release=given.release,
            start=end - timedelta(hours=hours),
            end=end,
            least=int(least),
            rebaseline=given.rebaseline not in ("", "0", False),
            metrics=given.metrics,
        )


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving.drift",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )

    def option(name: str, variable: str, words: str, default: str = "") -> None:
        found = environment.get(variable) or default
        text = f"{words} (${variable}{f', default {default}' if default else ''})"
        parser.add_argument(f"--{name}", default=found, help=text)

    option("environment", "SLIPWAY_ENVIRONMENT", "the environment's name")
    option("models", "SLIPWAY_MODELS", "JSON list of model, endpoint, task, manifest")
    option("capture", "SLIPWAY_CAPTURE", "where records lie: s3://... or file:///...")
    option("out", "SLIPWAY_DRIFT", "where verdicts go")
    option("bucket", "SLIPWAY_ENVIRONMENT_BUCKET", "the bucket with manifests and baselines")
    option("baselines", "SLIPWAY_BASELINES", "a place with MODEL/reference.npz instead")
    option("labels", "SLIPWAY_LABELS", "a place with *.jsonl of eventId and label")
    option("release", "SLIPWAY_RELEASE", "the live release, shown on the pages")
    option("hours", "SLIPWAY_DRIFT_HOURS", "length of the window", "1")
    option("end", "SLIPWAY_DRIFT_END", "end of the window, 2026-11-22T04:00:00Z; default: now")
    option("min-samples", "SLIPWAY_MIN_SAMPLES", "fewest rows to judge", str(MIN_ROWS))
    option("rebaseline", "SLIPWAY_REBASELINE", "1: make the window the new baseline")
    words = "MODEL,ENDPOINT,TASK,MANIFEST: one model under watch, instead of --models"
    parser.add_argument("model", nargs="*", help=words)
    parser.add_argument("--no-metrics", dest="metrics", action="store_false", help="print only")
    return parser


def _named(arguments: Sequence[str]) -> tuple[Watched, ...]:
    """Read models as SageMaker can be told them: 256 characters are all that an argument holds."""
    found = [argument.split(",") for argument in arguments]
    for argument, parts in zip(arguments, found, strict=True):
        if not 2 <= len(parts) <= 4 or not all(parts[:2]):
            raise WrongSetting(f"model {argument!r}: give MODEL,ENDPOINT,TASK,MANIFEST")
    return tuple(Watched(*parts) for parts in found)


def _listed(text: str) -> tuple[Watched, ...]:
    if not text:
        raise WrongSetting("no model is named; see python -m serving.drift --help")
    try:
        document: Any = json.loads(text)
        known = Watched.__dataclass_fields__
        return tuple(
            Watched(**{key: str(value) for key, value in item.items() if key in known})
            for item in document
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise WrongSetting(
            f"--models is {text[:80]!r} ({error}); give a JSON list of objects with model, endpoint"
        ) from error


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise WrongSetting(f"--end is {text!r}; give a time such as 2026-11-22T04:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(option: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < 1e6:
        raise WrongSetting(f"--{option} is {text!r}; give a number above 0")
    return number
