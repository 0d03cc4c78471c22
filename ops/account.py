"""A deployed Slipway as an operator sees it: stacks, pointers and documents.

Credentials, region and endpoint are boto3's business: the usual AWS_* variables decide. They are
those of the tooling's account, or of one environment's. Environments of other accounts are read by
the lookup role of their `cdk bootstrap`, which sees everything but what a key of KMS encrypts:
documents are then read from the tooling's bucket, and changes ask for the account's own
credentials.
"""

from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError

from catalog.bucket import Bucket
from catalog.load import load_environment, load_pipeline
from catalog.release import ReleaseContext
from catalog.signature import kms_verify
from lambdas.common.documents import read_release
from ops.place import Place
from ops.visit import Accounts, NoWayIn

NONE = "none"
"""What a pointer says before anything was live."""


class NotDeployed(Exception):
    """A stack, or an output of it, is not there."""


class NothingLive(Exception):
    """An environment serves no release yet."""


class Account:
    """The read side of a deployed Slipway."""

    def __init__(self, session: boto3.Session | None = None) -> None:
        self._session = session or boto3.Session()
        self._accounts = Accounts(self._session)
        self._clients: dict[str, Any] = {}
        self._outputs: dict[str, dict[str, str]] = {}

    def client(self, service: str, environment: str | None = None) -> Any:
        """Return a boto3 client, the same one each time.

        Args:
            service: Of which service.
            environment: In whose account it reads; None for that of the credentials.

        Raises:
            NoWayIn: The environment's account lets nobody look in with these credentials.
        """
        if environment is not None and not self.at_home(environment):
            return self._accounts.client(service, self._place(environment))
        if service not in self._clients:
            self._clients[service] = self._session.client(service)  # type: ignore[call-overload]
        return self._clients[service]

    def at_home(self, environment: str) -> bool:
        """Say whether the credentials are of an environment's own account and region."""
        place = self._place(environment)
        return (place.account, place.region) == (self._accounts.own, self._session.region_name)

    def acting(self, environment: str, service: str) -> Any:
        """Return a client that may change an environment.

        Raises:
            NoWayIn: The credentials are of another account, which may only look.
        """
        if not self.at_home(environment):
            place = self._place(environment)
            raise NoWayIn(
                f"{environment} is in account {place.account}, these credentials are of"
                f" {self._accounts.own}: log in to that account to change it"
            )
        return self.client(service)

    @cached_property
    def who(self) -> str:
        """Return the ARN of whoever these credentials are of."""
        return str(self.client("sts").get_caller_identity()["Arn"])

    def output(self, stack: str, key: str, environment: str | None = None) -> str:
        """Return an output of a stack, in an environment's account if one is named.

        Raises:
            NotDeployed: The stack or the output is not there.
        """
        if stack not in self._outputs:
            try:
                stacks = self.client("cloudformation", environment)
                found = stacks.describe_stacks(StackName=stack)["Stacks"][0]
            except ClientError as error:
                raise NotDeployed(f"stack {stack}: not deployed here; run `cdk deploy`") from error
            self._outputs[stack] = {
                item["OutputKey"]: item["OutputValue"] for item in found.get("Outputs", ())
            }
        if key not in self._outputs[stack]:
            raise NotDeployed(f"stack {stack} has no output {key}: deploy this version of it")
        return self._outputs[stack][key]

    @cached_property
    def environments(self) -> tuple[str, ...]:
        """The environments of the pipeline, in the order of promotion."""
        return load_pipeline().environments

    def pointer(self, environment: str, which: str = "release") -> str:
        """Return an environment's pointer (`release` or `previous`), or `none`."""
        ssm = self.client("ssm", environment)
        try:
            value = ssm.get_parameter(Name=f"/slipway/{environment}/{which}")["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return NONE
        return str(value)

    def moved(self, environment: str) -> datetime:
        """Return when an environment's pointer last moved, in UTC."""
        ssm = self.client("ssm", environment)
        found = ssm.get_parameter(Name=f"/slipway/{environment}/release")["Parameter"]
        moment: datetime = found["LastModifiedDate"]
        return moment.astimezone(UTC)

    def was_live(self, environment: str, beginning: str) -> str | None:
        """Return the release whose digest begins so and that was live, if there is just one."""
        bucket = self.bucket(environment)
        wanted = beginning.removeprefix("sha256:")
        found = [key.removeprefix("history/") for key in bucket.keys(f"history/{wanted}")]
        return found[0].removesuffix(".json") if len(found) == 1 else None

    def live_release(self, environment: str) -> str:
        """Return the digest of the release that an environment serves.

        Raises:
            NothingLive: It serves none yet.
        """
        release = self.pointer(environment)
        if release == NONE:
            raise NothingLive(f"environment {environment} serves no release yet: push first")
        return release

    def context(self, environment: str, release: str) -> ReleaseContext:
        """Return a release and its manifests from an environment's bucket, signatures checked.

        Of an environment elsewhere they are read from the tooling's bucket: the bytes are the same.

        Raises:
            MissingObject, CorruptArtifact, BadSignature: The bucket does not hold it whole.
        """
        key = self.output("slipway-tooling", "SigningKey")
        verify = kms_verify(self.client("kms"), key)
        if self.at_home(environment):
            return read_release(self.bucket(environment), release, verify)
        return read_release(self._store(), release, verify)

    def records(self, environment: str) -> Bucket:
        """Return the bucket that audit records of an environment lie in, as far as these go.

        It is the environment's own; of one elsewhere the tooling's, whose pipeline is changed.
        """
        return self.bucket(environment) if self.at_home(environment) else self._store()

    def bucket(self, environment: str) -> Bucket:
        """Return an environment's bucket; of one elsewhere keys can be listed, not read."""
        name = self.output(f"slipway-{environment}-base", "EnvironmentBucket", environment)
        return Bucket(name, self.client("s3", environment))

    def _store(self) -> Bucket:
        return Bucket(self.output("slipway-tooling", "ArtifactBucket"), self.client("s3"))

    @staticmethod
    def _place(environment: str) -> Place:
        found = load_environment(environment)
        return Place(found.account, found.region)
