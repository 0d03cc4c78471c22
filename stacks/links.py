"""What the tooling and the environments know of each other, in one account or in several.

Where both are in one place, values travel by named exports. Where they are not, nothing can be
imported: the tooling's bucket, key aliases and roles have names by convention, its policies admit
the environments' roles by the beginning of their names, and each role's own policy says what it
does there. Both sides must allow; a policy that names a role which does not exist yet is refused
by AWS, hence the accounts' roots as principals, bound by `aws:PrincipalArn`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aws_cdk import Fn
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from catalog.environment import Environment
from stacks import statements
from stacks.accounts import Place
from stacks.outputs import output

ARTIFACT_BUCKET = "slipway-artifact-bucket"
ARTIFACT_KEY = "slipway-artifact-key"
SIGNING_KEY = "slipway-signing-key"
PROMOTED = ("manifests/*", "content/*", "releases/*", "evidence/*")
KEYS_ELSEWHERE = (
    "A key of another account has no name that a template can know; its own policy admits this"
    " role to this key alone."
)


def artifact_bucket_name(tooling: Place) -> str:
    """Return the artifact bucket's name where environments of other accounts must know it."""
    return f"slipway-artifacts-{tooling.account}-{tooling.region}"


def elsewhere(tooling: Place, environments: Iterable[Environment]) -> list[Environment]:
    """Return the environments that are not in the tooling's account and region."""
    return [e for e in environments if Place(e.account, e.region) != tooling]


@dataclass(frozen=True)
class Tooling:
    """The tooling as a stack of an environment sees it.

    Attributes:
        store: The artifact bucket.
        signing_key: What KMS knows the key by that signs artifacts and releases.
        place: Where it is.
        near: Whether that is where the environment is.
    """

    store: s3.IBucket
    signing_key: str
    place: Place
    near: bool

    @staticmethod
    def of(scope: Construct, tooling: Place, here: Place) -> "Tooling":
        """Return the tooling at `tooling` as a stack at `here` sees it."""
        if tooling != here:
            store = s3.Bucket.from_bucket_name(
                scope, "ArtifactBucket", artifact_bucket_name(tooling)
            )
            return Tooling(store, tooling.arn("kms", f"alias/{SIGNING_KEY}"), tooling, near=False)
        store = s3.Bucket.from_bucket_attributes(
            scope,
            "ArtifactBucket",
            bucket_name=Fn.import_value(ARTIFACT_BUCKET),
            encryption_key=kms.Key.from_key_arn(
                scope, "ArtifactKey", Fn.import_value(ARTIFACT_KEY)
            ),
        )
        return Tooling(store, Fn.import_value(SIGNING_KEY), tooling, near=True)

    def read(self, *prefixes: str) -> list[iam.PolicyStatement]:
        """Allow reading artifacts under prefixes."""
        found = statements.read_objects(self.store, *prefixes)
        if not self.near:
            service = f"s3.{self.place.region}.amazonaws.com"
            through: dict[str, object] = {"StringEquals": {"kms:ViaService": service}}
            found.append(self._use_key(["kms:Decrypt"], through))
        return found

    def verify(self) -> iam.PolicyStatement:
        """Allow verifying what the signing key signed; never signing."""
        actions = ["kms:Verify", "kms:GetPublicKey"]
        if self.near:
            return statements.allow(actions, [self.signing_key])
        return self._use_key(actions, None)

    def _use_key(
        self, actions: list[str], conditions: dict[str, object] | None
    ) -> iam.PolicyStatement:
        keys = self.place.arn("kms", "key/*")
        return statements.allow(actions, [keys], conditions, because=KEYS_ELSEWHERE)


def export_tooling(scope: Construct, *, store: s3.IBucket, key: kms.IKey, sign: kms.IKey) -> None:
    """Export what `Tooling.of` imports."""
    output(scope, "ArtifactBucket", store.bucket_name, export=ARTIFACT_BUCKET)
    output(scope, "ArtifactKey", key.key_arn, export=ARTIFACT_KEY)
    output(scope, "SigningKey", sign.key_arn, export=SIGNING_KEY)


def admit_environments(
    environments: Sequence[Environment], *, store: s3.Bucket, key: kms.Key, sign: kms.Key
) -> None:
    """Let the roles of environments in other accounts read artifacts and verify signatures.

    Args:
        environments: Those that are elsewhere.
        store: The artifact bucket.
        key: What encrypts it.
        sign: The signing key.
    """
    for environment in environments:
        objects = [store.arn_for_objects(prefix) for prefix in PROMOTED]
        store.add_to_resource_policy(_admit(environment, ["s3:GetObject"], objects))
        store.add_to_resource_policy(_admit(environment, ["s3:ListBucket"], [store.bucket_arn]))
        key.add_to_resource_policy(_admit(environment, ["kms:Decrypt"], ["*"]))
        sign.add_to_resource_policy(_admit(environment, ["kms:Verify", "kms:GetPublicKey"], ["*"]))


def roles_of(environment: Environment) -> str:
    """Return the pattern of the ARNs of an environment's roles: they begin as its stacks do."""
    return f"arn:aws:iam::{environment.account}:role/slipway-{environment.name}-*"


def _admit(
    environment: Environment, actions: list[str], resources: list[str]
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        principals=[iam.AccountPrincipal(environment.account)],
        actions=actions,
        resources=resources,
        conditions={"ArnLike": {"aws:PrincipalArn": roles_of(environment)}},
    )
