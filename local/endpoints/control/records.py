"""Named records, kept apart by account and region."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from local.endpoints.control.shapes import Json
from local.endpoints.settings import RequestScope, Scope


@dataclass
class Records:
    """Every record of the local SageMaker, by kind and name; reads and writes the request's scope.

    Attributes:
        scope: Gives the account and region of the request being handled.
    """

    scope: RequestScope
    _kept: dict[tuple[str, str, str], dict[str, Json]] = field(default_factory=dict)

    def of(self, kind: str, scope: Scope | None = None) -> dict[str, Json]:
        """Return the records of a kind by name; what the caller changes in it stays changed."""
        account, region = scope or self.scope()
        return self._kept.setdefault((account, region, kind), {})

    def scopes(self, kind: str) -> Iterator[Scope]:
        """Yield every account and region that has records of a kind."""
        for account, region, kept_kind in list(self._kept):
            if kept_kind == kind and self._kept[account, region, kind]:
                yield account, region

    def arn(self, path: str, name: str) -> str:
        """Return the ARN of a resource in the request's scope."""
        account, region = self.scope()
        return f"arn:aws:sagemaker:{region}:{account}:{path}/{name}"

    def dump(self) -> Json:
        """Return everything as one JSON document."""
        return {"/".join(key): names for key, names in list(self._kept.items()) if names}

    def load(self, document: Json) -> None:
        """Replace everything by what `dump` returned."""
        self._kept = {
            (account, region, kind): names
            for key, names in document.items()
            for account, region, kind in [key.split("/", 2)]
        }
