"""What the local SageMaker is told by the emulator that hosts it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Scope = tuple[str, str]
"""An account and a region: records of one scope are invisible to every other."""

RequestScope = Callable[[], Scope]
"""Gives the account and region of the request being handled."""


@dataclass(frozen=True)
class Settings:
    """Where things are, and how long and how much is allowed.

    Attributes:
        gateway: URL of the emulator, through which storage, roles and metrics are reached.
        state: The one ignored folder of the local cloud; hosts, logs and descriptions lie below it.
        images: What the runtime images are made of: a folder for each.
        python: Interpreter of the serving environment; its site-packages hold the model servers.
        memory_share: Part of an instance type's memory that a multi-model host may fill here.
        memory_bytes: The same in bytes for every host; None to use the share.
        invoke_seconds: How long one invocation may take, waiting for a model to load included.
        load_seconds: How long one model may take to load.
        second: How long a second of a deployment's waits lasts here.
        start_seconds: How long a host may take to answer its first ping.
    """

    gateway: str
    state: Path
    python: Path
    images: Path
    memory_share: float = 1 / 8
    memory_bytes: int | None = None
    invoke_seconds: float = 60
    load_seconds: float = 360
    start_seconds: float = 120
    second: float = 1 / 60
