"""The records of SageMaker, through boto3."""

import pytest
from botocore.exceptions import ClientError

from tests.local.endpoints.lab import ACCOUNT, IMAGE, REGION, add_config

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Anyone"


@pytest.fixture(scope="module")
def sagemaker(lab):
    return lab.client("sagemaker")


def refused(call, **request) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("operation", "member", "message"),
    [
        ("describe_model", "ModelName", f'Could not find model "{ARN}model/nobody".'),
        (
            "describe_endpoint_config",
            "EndpointConfigName",
            f'Could not find endpoint configuration "{ARN}endpoint-config/nobody".',
        ),
        ("describe_endpoint", "EndpointName", f'Could not find endpoint "{ARN}endpoint/nobody".'),
        ("delete_endpoint", "EndpointName", f'Could not find endpoint "{ARN}endpoint/nobody".'),
    ],
)
def test_what_is_not_there_is_told_in_sagemakers_words(sagemaker, operation, member, message):
    found = refused(getattr(sagemaker, operation), **{member: "nobody"})

    assert found == ("ValidationException", message)


def test_an_endpoint_needs_its_configuration(sagemaker):
    code, message = refused(
        sagemaker.create_endpoint, EndpointName="early", EndpointConfigName="nobody"
    )

    assert code == "ValidationException"
    assert "Could not find endpoint configuration" in message
    assert "early" not in [e["EndpointName"] for e in sagemaker.list_endpoints()["Endpoints"]]


def test_an_unknown_repository_is_a_missing_image(sagemaker):
    image = IMAGE + "unheard:1"
    container = {"Image": image, "Mode": "MultiModel", "ModelDataUrl": "s3://models/search/"}

    found = refused(
        sagemaker.create_model,
        ModelName="unheard",
        PrimaryContainer=container,
        ExecutionRoleArn=ROLE,
    )

    assert found == ("ValidationException", f"Requested image {image} not found.")


def test_a_value_outside_its_enumeration_is_named(sagemaker):
    container = {"Image": IMAGE + "triton:1", "Mode": "Several", "ModelDataUrl": "s3://models/a/"}

    _, message = refused(
        sagemaker.create_model, ModelName="odd", PrimaryContainer=container, ExecutionRoleArn=ROLE
    )

    assert message == (
        "1 validation error detected: Value 'Several' at 'primaryContainer.mode' failed to satisfy "
        "constraint: Member must satisfy enum value set: [SingleModel, MultiModel]"
    )


def test_a_name_is_given_once(lab, sagemaker):
    name = add_config(lab, "triton", "search/", ROLE)
    described = sagemaker.describe_model(ModelName=name)
    again = {key: described[key] for key in ("ModelName", "PrimaryContainer", "ExecutionRoleArn")}

    code, message = refused(sagemaker.create_model, **again)

    assert (code, message) == (
        "ValidationException",
        f'Cannot create already existing model "{described["ModelArn"]}".',
    )


def test_a_deleted_configuration_is_gone_from_the_list(lab, sagemaker):
    name = add_config(lab, "triton", "search/", ROLE)
    sagemaker.delete_endpoint_config(EndpointConfigName=name)

    assert not sagemaker.list_endpoint_configs(NameContains=name)["EndpointConfigs"]


def test_lists_come_in_pages(sagemaker):
    for number in range(3):
        sagemaker.create_model_package_group(ModelPackageGroupName=f"page-{number}")

    pages = list(
        sagemaker.get_paginator("list_model_package_groups").paginate(
            NameContains="page-", SortBy="Name", PaginationConfig={"PageSize": 2}
        )
    )

    names = [[g["ModelPackageGroupName"] for g in p["ModelPackageGroupSummaryList"]] for p in pages]
    assert names == [["page-0", "page-1"], ["page-2"]]


def test_versions_of_a_package_are_numbered_and_approved(sagemaker):
    sagemaker.create_model_package_group(ModelPackageGroupName="spelling")
    arns = [
        sagemaker.create_model_package(
            ModelPackageGroupName="spelling", CustomerMetadataProperties={"digest": digest}
        )["ModelPackageArn"]
        for digest in ("aa", "bb")
    ]

    sagemaker.update_model_package(
        ModelPackageArn=arns[1],
        ModelApprovalStatus="Approved",
        CustomerMetadataProperties={"release": "cc"},
    )

    assert arns == [f"{ARN}model-package/spelling/{version}" for version in (1, 2)]
    second = sagemaker.describe_model_package(ModelPackageName=arns[1])
    assert second["CustomerMetadataProperties"] == {"digest": "bb", "release": "cc"}
    approved = sagemaker.list_model_packages(
        ModelPackageGroupName="spelling", ModelApprovalStatus="Approved"
    )["ModelPackageSummaryList"]
    assert [package["ModelPackageVersion"] for package in approved] == [2]


def test_a_group_with_versions_cannot_be_deleted(sagemaker):
    sagemaker.create_model_package_group(ModelPackageGroupName="kept")
    arn = sagemaker.create_model_package(ModelPackageGroupName="kept")["ModelPackageArn"]

    assert refused(sagemaker.delete_model_package_group, ModelPackageGroupName="kept")[0] == (
        "ConflictException"
    )

    sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName="kept")


def test_tags_stay_with_their_resource(lab, sagemaker):
    arn = sagemaker.create_model_package_group(
        ModelPackageGroupName="tagged", Tags=[{"Key": "team", "Value": "search"}]
    )["ModelPackageGroupArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "low"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team"])

    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "cost", "Value": "low"}]


def test_a_monitoring_schedule_is_kept_and_stopped(sagemaker):
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="hourly",
        MonitoringScheduleConfig={
            "MonitoringJobDefinitionName": "quality",
            "MonitoringType": "DataQuality",
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        },
    )
    sagemaker.stop_monitoring_schedule(MonitoringScheduleName="hourly")

    found = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="hourly")

    assert found["MonitoringScheduleStatus"] == "Stopped"


def test_another_account_sees_nothing(lab, sagemaker):
    sagemaker.create_model_package_group(ModelPackageGroupName="private")
    other = lab.client("sagemaker", aws_access_key_id="999988887777", aws_secret_access_key="local")

    assert refused(other.describe_model_package_group, ModelPackageGroupName="private")
