"""Buckets and keys hold what cannot be remade: closed, versioned, kept."""

import pytest

from catalog import load
from tests.stacks.conftest import Resource, Template
from tests.stacks.policies import flat

STATELESS = {"NotifyKeyB4723974"}  # encrypts messages on their way; keeps nothing
# Logical ids of what holds state. A changed id is a new, empty bucket or key: never change a line.
STATEFUL = {
    "slipway-infrastructure": {
        "Key961B73FD": "AWS::KMS::Key",
        "AccessLogs8B620ECA": "AWS::S3::Bucket",
        "Artifacts82DD59A1": "AWS::S3::Bucket",
        "ImagesTriton6F74C154": "AWS::ECR::Repository",
        "ImagesTorchserve1B90DD8F": "AWS::ECR::Repository",
        "ImagesIntent3CA3A064": "AWS::ECR::Repository",
        "ImagesBatch9487FD13": "AWS::ECR::Repository",
        "ImagesDrift565CF1C9": "AWS::ECR::Repository",
        "ImagesBuildD980D7B0": "AWS::ECR::Repository",
    },
    "slipway-tooling": {
        "DataKey17AFBB84": "AWS::KMS::Key",
        "SigningKeyEEFC2790": "AWS::KMS::Key",
        "AccessLogs8B620ECA": "AWS::S3::Bucket",
        "Artifacts82DD59A1": "AWS::S3::Bucket",
        "PipelineArtifacts4A9B2621": "AWS::S3::Bucket",
    },
    "slipway-prod-base": {
        "DataKey17AFBB84": "AWS::KMS::Key",
        "AccessLogs8B620ECA": "AWS::S3::Bucket",
        "Bucket83908E77": "AWS::S3::Bucket",
        "NotifyKeyB4723974": "AWS::KMS::Key",
        "PromotionRelease38BF4B8A": "AWS::SSM::Parameter",
        "PromotionPreviousAE97B06A": "AWS::SSM::Parameter",
    },
}
KINDS = {kind for ids in STATEFUL.values() for kind in ids.values()}


LOGS = "AccessLogs"


@pytest.fixture(scope="module")
def buckets(tooling: Template, base: Template) -> list[tuple[Template, Resource]]:
    """Return the buckets of the content-addressed layout, and what passes through the pipeline."""
    found = [
        (template, bucket)
        for template in (tooling, base)
        for bucket in template.of_type("AWS::S3::Bucket")
        if LOGS not in bucket.logical_id
    ]
    assert len(found) == 3
    return found


@pytest.fixture(scope="module")
def log_buckets(templates: dict[str, Template]) -> list[tuple[Template, Resource]]:
    return [
        (template, bucket)
        for template in templates.values()
        for bucket in template.of_type("AWS::S3::Bucket")
        if LOGS in bucket.logical_id
    ]


def stateful(template: Template) -> dict[str, str]:
    return {item.logical_id: item.kind for item in template.resources if item.kind in KINDS}


def test_logical_ids_of_what_holds_state_never_change(templates: dict[str, Template]):
    for stack, expected in STATEFUL.items():
        assert stateful(templates[stack]) == expected, stack


def test_an_account_of_its_own_moves_no_state(accounts: dict[str, Template]):
    """Going from one account to several is another deployment of the same logical ids."""
    for stack, expected in STATEFUL.items():
        assert expected.items() <= stateful(accounts[stack]).items(), stack


def test_all_environments_keep_their_state_under_the_same_ids(templates: dict[str, Template]):
    for environment in ("dev", "staging"):
        found = stateful(templates[f"slipway-{environment}-base"])
        assert found == STATEFUL["slipway-prod-base"]


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
        rule, *others = bucket.properties["LifecycleConfiguration"]["Rules"]
        assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
        assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] >= 30
        assert "ExpirationInDays" not in rule
        assert {other["Prefix"] for other in others} <= {"capture/"}


def test_captured_traffic_is_forgotten_and_nothing_else(base: Template):
    (bucket,) = [r for r in base.of_type("AWS::S3::Bucket") if LOGS not in r.logical_id]
    _, rule = bucket.properties["LifecycleConfiguration"]["Rules"]

    assert rule["Prefix"] == "capture/"
    assert rule["ExpirationInDays"] == load.load_environment("prod").retention.capture_days


def test_every_bucket_writes_down_who_read_it(buckets: list[tuple[Template, Resource]]):
    for _, bucket in buckets:
        logging = bucket.properties["LoggingConfiguration"]
        assert LOGS in logging["DestinationBucketName"]["Ref"]
        assert logging["LogFilePrefix"].startswith("access/")


def test_logs_are_closed_versioned_and_forgotten(log_buckets: list[tuple[Template, Resource]]):
    assert len(log_buckets) >= 4
    for _, bucket in log_buckets:
        properties = bucket.properties
        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        (rule,) = properties["LifecycleConfiguration"]["Rules"]
        assert rule["ExpirationInDays"] >= 30


def test_load_balancers_may_write_their_logs_and_nothing_else(base: Template):
    (bucket,) = [r for r in base.of_type("AWS::S3::Bucket") if LOGS in r.logical_id]
    policy = base.named("AWS::S3::BucketPolicy", "Bucket", {"Ref": bucket.logical_id})

    (writes,) = [
        item
        for item in policy.properties["PolicyDocument"]["Statement"]
        if item.get("Sid") == "LoadBalancerLogs"
    ]
    assert writes["Action"] == "s3:PutObject"
    assert flat(writes["Resource"]).endswith("/alb/*/AWSLogs/000000000000/*")


def test_keys_rotate_where_kms_can_and_have_a_name(templates: dict[str, Template]):
    for name in ("slipway-tooling", "slipway-prod-base"):
        keys = templates[name].of_type("AWS::KMS::Key")
        assert keys
        for key in keys:
            signs = key.properties.get("KeyUsage") == "SIGN_VERIFY"
            assert signs or key.properties["EnableKeyRotation"], (name, key.logical_id)
    aliases = {
        item.properties["AliasName"]
        for template in templates.values()
        for item in template.of_type("AWS::KMS::Alias")
    }
    assert {"alias/slipway-artifact-key", "alias/slipway-signing-key", "alias/slipway/prod"} <= (
        aliases
    )


def test_log_groups_of_the_account_alone_may_use_a_data_key(base: Template):
    (key,) = [r for r in base.of_type("AWS::KMS::Key") if r.logical_id.startswith("DataKey")]
    (admitted,) = [
        item
        for item in key.properties["KeyPolicy"]["Statement"]
        if item.get("Sid") == "LogGroupsOfThisAccount"
    ]

    assert admitted["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    groups = "arn:aws:logs:us-east-1:000000000000:log-group:*"
    assert admitted["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"] == groups


def test_no_stack_deletes_what_cannot_be_remade(tooling: Template, base: Template):
    kinds = {"AWS::KMS::Key", "AWS::S3::Bucket", "AWS::ECR::Repository"}
    kept = [item for template in (tooling, base) for item in template.resources]

    for item in kept:
        if item.kind in kinds and item.logical_id not in STATELESS:
            assert item.body["DeletionPolicy"] == "Retain", item.logical_id
            assert item.body["UpdateReplacePolicy"] == "Retain", item.logical_id
