"""What an action sees while it runs, and how it ends."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.emulator import gateway
from local.emulator.codebuild.jobs import ObjectPlace
from local.emulator.codepipeline.definition import Action, Pipeline, Stage
from local.emulator.codepipeline.mailbox import Mailbox


class ActionFailed(Exception):
    """The action ended badly; the message says how."""


@dataclass(frozen=True)
class Result:
    """How an action ended well."""

    variables: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass(frozen=True)
class ActionContext:
    """One run of an action.

    Attributes:
        pipeline: The pipeline as it was when the execution began.
        stage: The stage.
        action: The action; its configuration with all variables resolved.
        execution: The execution's id.
        credentials: The session of the action's role, assumed through the pipeline's role.
        artifacts: Where the artifacts given so far lie.
        revision: The commit that started the execution, or empty.
        mailbox: For answers that the action waits for.
        stopped: Says whether the execution was stopped.
        note: Adds facts to the action's record while it runs.
        token: Names this run in the mailbox.
    """

    pipeline: Pipeline
    stage: Stage
    action: Action
    execution: str
    credentials: gateway.Credentials
    artifacts: dict[str, ObjectPlace]
    revision: str
    mailbox: Mailbox
    stopped: Callable[[], bool]
    note: Callable[..., None]
    token: str

    @property
    def configuration(self) -> Mapping[str, str]:
        """The configuration with all variables resolved."""
        return self.action.configuration

    def client(self, service: str) -> Any:
        """Return a client under the action's role."""
        return gateway.client(service, self.credentials)

    def new_place(self, artifact: str) -> ObjectPlace:
        """Return where an output artifact is to lie; keys look as CodePipeline's do."""
        key = f"{self.pipeline.name[:20]}/{artifact[:10]}/{secrets.token_hex(4)[:7]}"
        return ObjectPlace(self.pipeline.bucket, key)
