"""The stages that bring a release into one environment, and what turns them back."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_codepipeline_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn

from catalog.environment import Environment
from stacks.pipeline.chips import prove_stage, proves
from stacks.pipeline.health import is_well, stays_well
from stacks.pipeline.stages import RELEASE, build, invoke


@dataclass(frozen=True)
class Promotion:
    """What promotes into one environment.

    Attributes:
        environment: Approval, load test.
        before: The environment that the release comes from, if any.
        promote: Copies the release's bytes.
        verify: Sees that what is live is the release, and answers.
        point: Moves the pointer.
        role: Under which the pipeline invokes these three, where they are in another account.
        deploy: Deploys the stacks.
        shifts: Move traffic where SageMaker's guardrails do not, by endpoint.
        load_test: Loads the endpoints.
        prove: Asks their chips what the builds had to leave open.
        repository: `owner/name`, for the link that a person follows.
        notices: Whom an approval waits for hears of it there.
    """

    environment: Environment
    before: Environment | None
    promote: lambda_.IFunction
    verify: lambda_.IFunction
    point: lambda_.IFunction
    role: iam.IRole | None
    deploy: codebuild.IProject
    shifts: Mapping[str, sfn.IStateMachine]
    load_test: codebuild.IProject | None
    prove: codebuild.IProject | None
    repository: str
    notices: sns.ITopic

    def stages(self) -> list[codepipeline.StageProps]:
        """Return the approval, if the environment asks for one, the deployment, and the proof.

        They are stages of their own: turning the deployment back asks nobody, and a chip that is
        too slow for the next environment leaves this one as it is.
        """
        return [*self._approval(), self._deployment(), *self._proof()]

    def _proof(self) -> list[codepipeline.StageProps]:
        if self.prove is None or not proves(self.environment):
            return []
        return [prove_stage(self.environment, self.prove, elsewhere=self.role is not None)]

    def _approval(self) -> list[codepipeline.StageProps]:
        if not self.environment.approval:
            return []
        name = self.environment.name
        action = actions.ManualApprovalAction(
            action_name="Approve",
            notification_topic=self.notices,
            additional_information=(
                f"Release {RELEASE} to {name}? Commit #{{Source.CommitId}}"
                " by #{Source.AuthorDisplayName}: #{Source.CommitMessage} (#{Plan.SUMMARY})."
                f" The environments before {name} run it."
            ),
            external_entity_link=(
                f"https://github.com/{self.repository}/commit/#{{Source.CommitId}}"
            ),
        )
        return [codepipeline.StageProps(stage_name=f"Approve-{name}", actions=[action])]

    def _deployment(self) -> codepipeline.StageProps:
        """Copy, deploy, see that it answers, load it; only then move the pointer.

        Where a step fails, or an alarm rings at the end, CodePipeline runs the stage again with the
        last release that passed it: the steps are safe to repeat, and leave the environment as
        that release had it.
        """
        name = self.environment.name
        variables = {"ENVIRONMENT": name, "RELEASE": RELEASE}
        steps: list[codepipeline.IAction] = [
            self._invoke("Promote", self.promote, 1),
            build("Deploy", self.deploy, variables=variables | self._stacks(), run_order=2),
            *(self._shift(endpoint, machine) for endpoint, machine in self.shifts.items()),
            self._invoke("Verify", self.verify, 4),
            *self._load(variables),
            self._invoke("Point", self.point, 6),
        ]
        return codepipeline.StageProps(
            stage_name=f"Deploy-{name}",
            actions=steps,
            before_entry=is_well(self.before) if self.before else None,
            on_success=stays_well(self.environment),
            on_failure=codepipeline.FailureConditions(result=codepipeline.Result.ROLLBACK),
        )

    def _stacks(self) -> dict[str, str]:
        """Return the stacks of a release here, by the environment's data."""
        wanted = self.environment
        parts = (*wanted.endpoints, *wanted.services, *wanted.batch, "monitoring")
        return {"STACKS": " ".join(f"slipway-{wanted.name}-{part}" for part in parts)}

    def _load(self, variables: dict[str, str]) -> list[codepipeline.IAction]:
        wanted = self.environment.load_test
        if wanted is None or self.load_test is None:
            return []
        limits = {
            "REQUESTS_PER_SECOND": f"{wanted.requests_per_second:g}",
            "SECONDS_LONG": str(wanted.seconds),
        }
        action = build("LoadTest", self.load_test, variables=variables | limits, run_order=5)
        return [action]

    def _shift(self, endpoint: str, machine: sfn.IStateMachine) -> codepipeline.IAction:
        return actions.StepFunctionInvokeAction(
            action_name=f"Shift-{endpoint}",
            state_machine=machine,
            state_machine_input=actions.StateMachineInput.literal({}),
            run_order=3,
            role=self.role,
        )

    def _invoke(self, name: str, function: lambda_.IFunction, order: int) -> codepipeline.IAction:
        return invoke(name, function, self.environment.name, run_order=order, role=self.role)
