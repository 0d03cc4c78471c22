"""No role may do more than it says: wildcards are listed here, each with its reason."""

from collections.abc import Iterator

from tests.stacks.conftest import Template, as_list

# Actions for which IAM offers no resource; whatever else is allowed on "*" is a mistake.
NO_RESOURCE = {
    "cloudwatch:PutMetricData",  # bound by its namespace
    "codepipeline:PutJobFailureResult",
    "codepipeline:PutJobSuccessResult",
    "ecr:GetAuthorizationToken",
    "ecs:DescribeTaskDefinition",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "lambda:ListFunctions",  # CodePipeline's Lambda action asks for it
    "sagemaker:ListModelPackages",
}


def allowed(templates: dict[str, Template]) -> Iterator[tuple[str, set[str], list]]:
    """Yield every allowing statement: where it is, its actions and its resources."""
    for name, template in templates.items():
        for policy in template.of_type("AWS::IAM::Policy"):
            for item in policy.properties["PolicyDocument"]["Statement"]:
                if item["Effect"] == "Allow":
                    actions, resources = as_list(item["Action"]), as_list(item["Resource"])
                    yield f"{name}/{policy.logical_id}", set(actions), resources


def test_everything_is_allowed_on_something(templates: dict[str, Template]):
    wide = {
        action
        for _, actions, resources in allowed(templates)
        if "*" in resources
        for action in actions
    }

    assert wide == NO_RESOURCE


def test_no_role_may_do_everything_of_a_service(templates: dict[str, Template]):
    for where, actions, _ in allowed(templates):
        assert not {action for action in actions if action.endswith(":*")}, where


def test_no_role_changes_permissions(templates: dict[str, Template]):
    for where, actions, _ in allowed(templates):
        assert not {action for action in actions if action.startswith("iam:")}, where


def test_only_aws_services_and_our_pipeline_take_roles(templates: dict[str, Template]):
    for template in templates.values():
        for role in template.of_type("AWS::IAM::Role"):
            for item in role.properties["AssumeRolePolicyDocument"]["Statement"]:
                assert item["Principal"] != "*"
                assert set(item["Principal"]) <= {"Service", "AWS"}
                if "AWS" in item["Principal"]:
                    assert role.logical_id.startswith("Pipeline")
