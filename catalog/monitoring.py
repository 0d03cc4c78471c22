"""How an environment watches its models, and what it answers by itself when an alarm rings."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.base import Count, Strict
from catalog.sizes import Cron

Minutes = Annotated[int, Field(ge=1, le=1440)]


class Answers(Strict):
    """What happens by itself when an alarm rings; each cause is answered once.

    `rollback` turns back a release that is being rolled out, or that came within the last
    `blame_minutes`. `retrain` starts the model pipeline and `rebaseline` takes a new baseline when
    a model drifts; both are off unless asked for, since neither asks whether the new is better.
    After an answer there is no other for `cooldown_minutes`.
    """

    rollback: bool = True
    retrain: bool = False
    rebaseline: bool = False
    blame_minutes: Minutes = 30
    cooldown_minutes: Minutes = 60

    @model_validator(mode="after")
    def _one_remedy(self) -> "Answers":
        if self.retrain and self.rebaseline:
            raise ValueError(
                "answers.retrain and answers.rebaseline are both true: a new baseline hides the"
                " drift that the training is for; choose one"
            )
        return self


class Monitoring(Strict):
    """What is captured of the traffic, which engine looks for drift in it, and what follows.

    `engine: drift` runs our job on `schedule` over what was captured; `model-monitor` is for
    accounts that used SageMaker Model Monitor before AWS closed it, and for endpoints of a single
    model; `off` captures alone. With fewer than `min_samples` records in a window a model is said
    to have too few, never to be without drift.
    """

    engine: Literal["drift", "model-monitor", "off"] = "drift"
    had_model_monitor: bool = False
    capture_percent: Annotated[int, Field(ge=0, le=100)] = 0
    schedule: Cron = "cron(0 * ? * * *)"
    instance: Annotated[str, Field(pattern=r"^ml\.")] = "ml.c7i.large"
    min_samples: Count = 200
    min_quality: Annotated[float, Field(strict=False, gt=0, le=1)] = 0.8
    cost_per_day: Annotated[float, Field(strict=False, gt=0)] | None = None
    answers: Answers = Answers()

    @model_validator(mode="after")
    def _open_to_the_account(self) -> "Monitoring":
        if self.engine == "model-monitor" and not self.had_model_monitor:
            raise ValueError(
                "engine 'model-monitor': AWS has closed Model Monitor to new customers: use"
                " 'drift', or set had_model_monitor: true for an account that used it before"
            )
        return self

    @property
    def looks_for_drift(self) -> bool:
        """Say whether our own job runs: there is something to look at, and nobody else looks."""
        return self.engine == "drift" and self.capture_percent > 0

    @property
    def captures_itself(self) -> bool:
        """Say whether our containers keep records, which Model Monitor would not read."""
        return self.engine != "model-monitor" and self.capture_percent > 0
