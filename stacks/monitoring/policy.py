"""What answering alarms takes: pointers, the pipeline's stage, OpsItems."""

from aws_cdk import aws_iam as iam

from stacks import names, statements
from stacks.accounts import Place


def see_pointers(place: Place, environment: str) -> list[iam.PolicyStatement]:
    """Allow reading which release is live, and which was before it."""
    pointers = [
        place.arn("ssm", f"parameter{names.pointer(environment, which)}")
        for which in names.POINTERS
    ]
    return [statements.allow(["ssm:GetParameter"], pointers)]


def turn_back(tooling: Place, environment: str) -> list[iam.PolicyStatement]:
    """Allow stopping the model pipeline, starting it, and rolling one stage of it back."""
    pipeline = tooling.arn("codepipeline", names.MODEL_PIPELINE)
    return [
        statements.allow(
            [
                "codepipeline:GetPipelineExecution",
                "codepipeline:GetPipelineState",
                "codepipeline:ListActionExecutions",
                "codepipeline:ListPipelineExecutions",
                "codepipeline:StartPipelineExecution",
                "codepipeline:StopPipelineExecution",
            ],
            [pipeline],
        ),
        statements.allow(["codepipeline:RollbackStage"], [f"{pipeline}/Deploy-{environment}"]),
    ]


def see_stages(tooling: Place) -> iam.PolicyStatement:
    """Allow seeing what is in the model pipeline's stages."""
    pipeline = tooling.arn("codepipeline", names.MODEL_PIPELINE)
    return statements.allow(["codepipeline:GetPipelineState"], [pipeline])


def open_ops_items() -> iam.PolicyStatement:
    """Allow opening OpsItems; never reading or closing those of others."""
    return statements.allow(
        ["ssm:CreateOpsItem"], ["*"], because="An OpsItem has no ARN before it is opened."
    )
