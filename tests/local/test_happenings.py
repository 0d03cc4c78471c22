"""What services of the local cloud tell EventBridge, as AWS's do."""

from tests.local.cloud import Cloud, heard, listen


def test_a_rule_hears_of_a_parameter_that_moves(local_cloud: Cloud):
    ssm = local_cloud.client("ssm")
    arn = "arn:aws:ssm:us-east-1:000000000000:parameter/told/release"
    pattern = {
        "source": ["aws.sagemaker", "aws.ssm"],
        "detail-type": ["Parameter Store Change"],
        "resources": [{"prefix": "arn:aws:sagemaker:"}, arn],
        "detail": {"EndpointStatus": ["IN_SERVICE", {"exists": False}]},
    }
    queue = listen(local_cloud, "told", pattern)

    ssm.put_parameter(Name="/told/other", Value="1", Type="String")
    ssm.put_parameter(Name="/told/release", Value="1", Type="String")
    ssm.put_parameter(Name="/told/release", Value="2", Type="String", Overwrite=True)

    told = heard(local_cloud, queue, 2)
    assert [item["operation"] for item in told] == ["Create", "Update"]
    assert {item["name"] for item in told} == {"/told/release"}
