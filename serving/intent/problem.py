"""Refusals as problem documents (RFC 9457): what is wrong, under which key, and what to send."""

import json
from http import HTTPStatus

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = 1  # seconds


class Refusal(Exception):
    """An answer other than 200; the message is the problem's `detail`."""

    def __init__(
        self, status: int, kind: str, detail: str, *, key: str | None = None, allow: str = ""
    ) -> None:
        """Make a refusal.

        Args:
            status: The HTTP status; 503 asks to try again.
            kind: A short name of the kind of problem, the same for all of its kind.
            detail: What is wrong with this request and what to send instead.
            key: The key of the request that is wrong.
            allow: The methods that are allowed here, for 405.
        """
        super().__init__(detail)
        self.status, self.kind, self.key, self.allow = status, kind, key, allow

    def headers(self) -> list[tuple[str, str]]:
        """Return the headers that go with it."""
        found = [("content-type", CONTENT_TYPE)]
        if self.status == HTTPStatus.SERVICE_UNAVAILABLE:
            found.append(("retry-after", str(RETRY_AFTER)))
        if self.allow:
            found.append(("allow", self.allow))
        return found

    @property
    def phrase(self) -> str:
        """Return the status in words."""
        return HTTPStatus(self.status).phrase

    def document(self, request_id: str) -> str:
        """Return the problem document."""
        told = {
            "type": f"urn:slipway:problem:{self.kind}",
            "title": self.phrase,
            "status": self.status,
            "detail": str(self),
            "request_id": request_id,
        }
        return json.dumps(told | ({"key": self.key} if self.key else {}))


def overloaded(wait_ms: float) -> Refusal:
    """Return the refusal of a request that would wait past its objective."""
    return Refusal(503, "overloaded", f"the queue is {wait_ms:.1f} ms long; try again")


def expired(deadline_ms: float) -> Refusal:
    """Return the refusal of a request whose deadline passed before its turn came."""
    return Refusal(504, "expired", f"not answered within its {deadline_ms:g} ms; try again")
