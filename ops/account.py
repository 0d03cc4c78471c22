"""One AWS account and region as an operator sees it: stacks, pointers and documents.

Credentials, region and endpoint are boto3's business: the usual AWS_* variables decide.
"""

from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError

from catalog.bucket import Bucket
from catalog.load import load_pipeline
from catalog.release import ReleaseContext
from catalog.signature import kms_verify
from lambdas.common.documents import read_release

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
        self._clients: dict[str, Any] = {}
        self._outputs: dict[str, dict[str, str]] = {}

    def client(self, service: str) -> Any:
        """Return a boto3 client, the same one each time."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service)  # type: ignore[call-overload]
        return self._clients[service]

    def output(self, stack: str, key: str) -> str:
        """Return an output of a stack.

        Raises:
            NotDeployed: The stack or the output is not there.
        """
        if stack not in self._outputs:
            try:
                found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
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
        name = f"/slipway/{environment}/{which}"
        try:
            value = self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
        except self.client("ssm").exceptions.ParameterNotFound:
            return NONE
        return str(value)

    def was_live(self, environment: str, beginning: str) -> str | None:
        """Return the release whose digest begins so and that was live, if there is just one."""
        bucket = self._bucket(environment)
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

        Raises:
            MissingObject, CorruptArtifact, BadSignature: The bucket does not hold it whole.
        """
        key = self.output("slipway-tooling", "SigningKey")
        verify = kms_verify(self.client("kms"), key)
        return read_release(self._bucket(environment), release, verify)

    def _bucket(self, environment: str) -> Bucket:
        name = self.output(f"slipway-{environment}-base", "EnvironmentBucket")
        return Bucket(name, self.client("s3"))
