"""No role may do more than it says: wildcards are listed here, each with its reason."""

from collections.abc import Iterator

from tests.stacks.conftest import Template, as_list

READS = ("Describe", "List", "Get")
# What changes something and for which IAM offers no resource, or no name is known beforehand. The
# rule packs ask for a reason beside each statement; this is the list of all.
CHANGES_ON_ALL = {
    "cloudwatch:PutMetricData",  # bound by its namespace
    "ssm:CreateOpsItem",  # has no ARN before it is opened; reads and closes nothing
    "codepipeline:PutJobFailureResult",
    "codepipeline:PutJobSuccessResult",
    "ec2:CreateNetworkInterface",  # of Lambda and SageMaker, in our subnets
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "logs:CreateLogDelivery",  # of Step Functions, which demands these four and the two of X-Ray
    "logs:DeleteLogDelivery",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def allowed(templates: dict[str, Template]) -> Iterator[tuple[str, set[str], list]]:
    """Yield every allowing statement: where it is, its actions and its resources."""
    for name, template in templates.items():
        for policy in template.of_type("AWS::IAM::Policy"):
            for item in policy.properties["PolicyDocument"]["Statement"]:
                if item["Effect"] == "Allow":
                    actions, resources = as_list(item["Action"]), as_list(item["Resource"])
                    yield f"{name}/{policy.logical_id}", set(actions), resources


def test_what_is_allowed_on_everything_only_reads(templates: dict[str, Template]):
    wide = {
        action
        for _, actions, resources in allowed(templates)
        if "*" in resources
        for action in actions
        if not action.split(":")[1].startswith(READS)
    }

    assert wide <= CHANGES_ON_ALL


def test_no_role_may_do_everything_of_a_service(templates: dict[str, Template]):
    for where, actions, _ in allowed(templates):
        assert not {action for action in actions if action.endswith(":*")}, where


def test_no_role_changes_permissions_and_one_handed_on_goes_to_one_service(
    templates: dict[str, Template],
):
    for name, template in templates.items():
        for policy in template.of_type("AWS::IAM::Policy"):
            for item in policy.properties["PolicyDocument"]["Statement"]:
                ours = {action for action in as_list(item["Action"]) if action.startswith("iam:")}
                if ours:
                    assert ours == {"iam:PassRole"}, (name, policy.logical_id)
                    assert "*" not in as_list(item["Resource"])
                    assert "iam:PassedToService" in item["Condition"]["StringEquals"]


def test_only_aws_services_and_our_pipeline_take_roles(templates: dict[str, Template]):
    for template in templates.values():
        for role in template.of_type("AWS::IAM::Role"):
            for item in role.properties["AssumeRolePolicyDocument"]["Statement"]:
                assert item["Principal"] != "*"
                assert set(item["Principal"]) <= {"Service", "AWS"}
                if "AWS" in item["Principal"]:
                    assert role.logical_id.startswith("Pipeline")
