"""One container of a job: a process that runs to its end, under the job's role."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local import ledger
from local.emulator import gateway
from local.emulator.ecs import images
from local.emulator.ecs.surroundings import surroundings
from local.paths import Workplace

SESSION_S = 12 * 3600
POLL_S = 0.1
GRACE_S = 30.0  # between SIGTERM and SIGKILL
NO_ADDRESS = "127.0.0.1"
TAIL_LINES = 20


class CannotStart(Exception):
    """A container that could not be started; the message says why."""


@dataclass(frozen=True)
class Work:
    """What a container of a job runs.

    Attributes:
        name: For logs and the list of processes.
        image: `REGISTRY/slipway/RUNTIME:TAG`.
        command: Entry point and arguments; empty for the image's own.
        variables: Its environment, as the job declares it.
        role: The ARN of its role.
        principal: The service that takes the role.
        folders: Folders of the container, such as `/opt/ml`, and what stands for them here.
    """

    name: str
    image: str
    command: Sequence[str]
    variables: Mapping[str, str]
    role: str
    principal: str
    folders: Mapping[str, Path]

    def here(self, text: str) -> str:
        """Return an argument or variable with the container's folders replaced."""
        for inside, outside in self.folders.items():
            if text == inside or text.startswith(f"{inside}/"):
                return f"{outside}{text.removeprefix(inside)}"
        return text


@dataclass(frozen=True)
class Ending:
    """How a container ended: its status (None when it was stopped) and its last lines."""

    status: int | None
    tail: str


def run(work: Work, place: Workplace, stop: threading.Event, timeout_s: float) -> Ending:
    """Run a container to its end; call it with the account and region of the job.

    Args:
        work: What it runs.
        place: Where logs and the list of processes are.
        stop: Ends it kindly once set.
        timeout_s: After this it is ended too.

    Raises:
        CannotStart: There is no such image, or the role cannot be taken.
    """
    try:
        image = images.find(work.image, NO_ADDRESS, place)
        keys = gateway.assume(work.role, work.name, work.principal, duration_s=SESSION_S)
    except images.ImageMissing as error:
        raise CannotStart(f"CannotPullContainerError: {error}") from error
    except gateway.AssumeRoleRefused as error:
        raise CannotStart(str(error)) from error
    variables = {key: work.here(value) for key, value in work.variables.items()}
    log = log_of(work.name, place)
    with log.open("wb") as output:
        process = ledger.spawn(
            [work.here(part) for part in work.command or image.command],
            name=f"job {work.name}",
            ledger=place.processes,
            environment={**surroundings(image), **variables, **keys.environment()},
            folder=place.scratch,
            output=output,
        )
    group = ledger.group_of(process, work.name)
    deadline = time.monotonic() + timeout_s
    while process.poll() is None and not stop.is_set() and time.monotonic() < deadline:
        time.sleep(POLL_S)
    status = process.poll()
    ledger.end(group, place.processes, grace_s=GRACE_S)
    process.wait()
    lines = log.read_bytes().splitlines()[-TAIL_LINES:]
    return Ending(status, b"\n".join(lines).decode(errors="replace"))


def log_of(name: str, place: Workplace) -> Path:
    """Return the file that a container prints to."""
    folder = place.root / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"
