"""Buckets and keys hold what cannot be remade: closed, versioned, kept."""

import pytest

from tests.stacks.conftest import Resource, Template

# Logical ids of what holds state. A changed id is a new, empty bucket or key: never change a line.
STATEFUL = {
    "slipway-tooling": {
        "DataKey17AFBB84": "AWS::KMS::Key",
        "SigningKeyEEFC2790": "AWS::KMS::Key",
        "Artifacts82DD59A1": "AWS::S3::Bucket",
        "PipelineArtifacts4A9B2621": "AWS::S3::Bucket",
        "ImagesTriton6F74C154": "AWS::ECR::Repository",
        "ImagesTorchserve1B90DD8F": "AWS::ECR::Repository",
        "ImagesIntent3CA3A064": "AWS::ECR::Repository",
        "ImagesBuildD980D7B0": "AWS::ECR::Repository",
    },
    "slipway-prod-base": {
        "DataKey17AFBB84": "AWS::KMS::Key",
        "Bucket83908E77": "AWS::S3::Bucket",
        "PromotionRelease38BF4B8A": "AWS::SSM::Parameter",
        "PromotionPreviousAE97B06A": "AWS::SSM::Parameter",
    },
}


@pytest.fixture(scope="module")
def buckets(tooling: Template, base: Template) -> list[tuple[Template, Resource]]:
    found = [
        (template, bucket)
        for template in (tooling, base)
        for bucket in template.of_type("AWS::S3::Bucket")
    ]
    assert len(found) == 3
    return found


def test_logical_ids_of_what_holds_state_never_change(templates: dict[str, Template]):
    kinds = {"AWS::KMS::Key", "AWS::S3::Bucket", "AWS::ECR::Repository", "AWS::SSM::Parameter"}
    for stack, expected in STATEFUL.items():
        resources = templates[stack].resources
        found = {item.logical_id: item.kind for item in resources if item.kind in kinds}
        assert found == expected, stack


def test_buckets_are_versioned_encrypted_and_closed(buckets: list[tuple[Template, Resource]]):
    for _, bucket in buckets:
        properties = bucket.properties
        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_buckets_answer_over_tls_alone(buckets: list[tuple[Template, Resource]]):
    for template, bucket in buckets:
        (policy,) = [
            item
            for item in template.of_type("AWS::S3::BucketPolicy")
            if item.properties["Bucket"] == {"Ref": bucket.logical_id}
        ]
        denied = [
            item["Condition"]
            for item in policy.properties["PolicyDocument"]["Statement"]
            if item["Effect"] == "Deny"
        ]
        assert {"Bool": {"aws:SecureTransport": "false"}} in denied


def test_buckets_drop_what_was_replaced_or_abandoned(buckets: list[tuple[Template, Resource]]):
    for _, bucket in buckets:
        (rule,) = bucket.properties["LifecycleConfiguration"]["Rules"]
        assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
        assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 30
        assert "ExpirationInDays" not in rule


def test_no_stack_deletes_what_cannot_be_remade(tooling: Template, base: Template):
    kinds = {"AWS::KMS::Key", "AWS::S3::Bucket", "AWS::ECR::Repository"}
    kept = [item for template in (tooling, base) for item in template.resources]

    for item in kept:
        if item.kind in kinds:
            assert item.body["DeletionPolicy"] == "Retain", item.logical_id
            assert item.body["UpdateReplacePolicy"] == "Retain", item.logical_id
