"""What the dashboard says beside its graphs, in Markdown."""

from collections.abc import Sequence

from catalog.environment import Environment
from stacks.alarms import RUNBOOKS
from stacks.monitoring.served import ServedModel


def head(environment: Environment, models: Sequence[ServedModel]) -> str:
    """Return what the environment is, how it answers by itself, and what to do at night."""
    answers = environment.monitoring.answers
    back = (
        f"A release that rings within {answers.blame_minutes} minutes of its arrival is turned back"
        f" by itself, once; then nothing is done by itself for {answers.cooldown_minutes} minutes."
        if answers.rollback
        else "Nothing is turned back by itself here."
    )
    places = ", ".join(sorted({item.target for item in models}))
    return (
        f"# Slipway {environment.name}\n"
        f"{len({item.model for item in models})} models on {places}.\n\n"
        f"**At night:** `python -m ops explain ALARM` says what rings, since when, which release"
        f" came before it, and the one command that is safe. {back} Runbooks: `{RUNBOOKS}/`."
    )


def endpoint(environment: Environment, target: str) -> str:
    """Return how to read an endpoint's graphs."""
    limits = environment.alarms
    return (
        f"## {target}\n"
        f"Rings when p99 is above {limits.p99_ms:g} ms or more than {limits.error_percent:g} % of"
        " calls end in a 5XX, two minutes running. 4XX are the callers'. A release begins cold:"
        " waits for loading are normal in its first minutes, cache misses later are not"
        f" (`{RUNBOOKS}/endpoint.md`)."
    )


def service(environment: Environment, target: str) -> str:
    """Return how to read a service's graphs."""
    return (
        f"## {target}\n"
        "Shed requests were refused at once because the queue was full: they are load, not faults."
        f" Rings when p99 is above {environment.alarms.p99_ms:g} ms, when 5XX pass"
        f" {environment.alarms.error_percent:g} %, or when no task answers"
        f" (`{RUNBOOKS}/service.md`)."
    )


def models(environment: Environment) -> str:
    """Return how to read the drift job's graphs."""
    wanted = environment.monitoring
    if not wanted.looks_for_drift:
        return "## Drift\nNothing is captured here, so nobody looks for drift."
    return (
        "## Drift\n"
        f"{wanted.capture_percent} % of the traffic is compared with the baseline that each model"
        " was promoted with, every hour. A gap means too few records"
        f" (below {wanted.min_samples}): it does not mean no drift. Pages and violations lie below"
        f" `drift/MODEL/` in the environment's bucket (`{RUNBOOKS}/monitoring.md`)."
    )
