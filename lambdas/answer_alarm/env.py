"""Settings of `answer_alarm`."""

import json
from dataclasses import dataclass

from lambdas.answer_alarm.logic import Policy
from lambdas.common.settings import required


@dataclass(frozen=True)
class Settings:
    """Where the function works, and what it may answer.

    Attributes:
        environment: The environment whose alarms these are.
        bucket: Its bucket, where answers are kept.
        release_parameter: The SSM parameter that names the live release.
        previous_parameter: That of the release before it.
        pipeline: The pipeline that promotes.
        drift_machine: The ARN of the state machine that runs the drift job.
        policy: What the environment's data let it do.
    """

    environment: str
    bucket: str
    release_parameter: str
    previous_parameter: str
    pipeline: str
    drift_machine: str
    policy: Policy

    @property
    def stage(self) -> str:
        """Return the stage that brings releases into the environment."""
        return f"Deploy-{self.environment}"

    @staticmethod
    def from_environment() -> "Settings":
        """Read the settings; raises `Refused` if one is not set."""
        return Settings(
            required("SLIPWAY_ENVIRONMENT"),
            required("SLIPWAY_ENVIRONMENT_BUCKET"),
            required("SLIPWAY_RELEASE_PARAMETER"),
            required("SLIPWAY_PREVIOUS_PARAMETER"),
            required("SLIPWAY_PIPELINE"),
            required("SLIPWAY_DRIFT_MACHINE"),
            Policy(**json.loads(required("SLIPWAY_ANSWERS"))),
        )
