"""What the tooling hands to the environments: named exports, so that either synthesises alone."""

from dataclasses import dataclass

from aws_cdk import Fn
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.outputs import output

ARTIFACT_BUCKET = "slipway-artifact-bucket"
ARTIFACT_KEY = "slipway-artifact-key"
SIGNING_KEY = "slipway-signing-key"


@dataclass(frozen=True)
class Tooling:
    """The artifact bucket and the key that signs what lies there."""

    store: s3.IBucket
    signing_key: kms.IKey

    @staticmethod
    def of(scope: Construct) -> "Tooling":
        """Return the tooling as a stack of an environment sees it."""
        store = s3.Bucket.from_bucket_attributes(
            scope,
            "ArtifactBucket",
            bucket_name=Fn.import_value(ARTIFACT_BUCKET),
            encryption_key=_key(scope, "ArtifactKey", ARTIFACT_KEY),
        )
        return Tooling(store, _key(scope, "SigningKey", SIGNING_KEY))


def export_tooling(scope: Construct, *, store: s3.IBucket, key: kms.IKey, sign: kms.IKey) -> None:
    """Export what `Tooling.of` imports."""
    output(scope, "ArtifactBucket", store.bucket_name, export=ARTIFACT_BUCKET)
    output(scope, "ArtifactKey", key.key_arn, export=ARTIFACT_KEY)
    output(scope, "SigningKey", sign.key_arn, export=SIGNING_KEY)


def _key(scope: Construct, id_: str, export: str) -> kms.IKey:
    return kms.Key.from_key_arn(scope, id_, Fn.import_value(export))
