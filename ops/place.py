"""Where things are, without CDK: a command that only asks starts fast."""

from dataclasses import dataclass

BOOTSTRAP_QUALIFIER = "hnb659fds"
"""What CDK puts into the names of what `cdk bootstrap` makes, unless told otherwise."""


@dataclass(frozen=True)
class Place:
    """One account and region."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource here."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def bootstrap_role(self, role: str) -> str:
        """Return the name of a role that `cdk bootstrap` made here, such as `deploy-role`."""
        return f"cdk-{BOOTSTRAP_QUALIFIER}-{role}-{self.account}-{self.region}"
