"""Errors in the shape and words of AWS."""

import json
from typing import Any

Response = tuple[int, dict[str, str], bytes]
"""What a handler of the emulator returns: status, headers, body."""


class AwsError(Exception):
    """A refusal that the caller sees as a botocore `ClientError`.

    Attributes:
        code: The error's name, e.g. `ValidationException`.
        status: The HTTP status it travels with.
        details: Further members of the error's shape.
    """

    def __init__(self, code: str, message: str, status: int = 400, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.details = details

    def response(self) -> Response:
        """Return the error as both of SageMaker's protocols read it."""
        body = {"__type": self.code, "message": self.message, "Message": self.message}
        headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": self.code}
        return self.status, headers, json.dumps(body | self.details).encode()


def validation(message: str) -> AwsError:
    """Return the control plane's answer to a request that makes no sense."""
    return AwsError("ValidationException", message)


def runtime_validation(message: str) -> AwsError:
    """Return the runtime's answer to a request that makes no sense: another name than the above."""
    return AwsError("ValidationError", message)


def unavailable(endpoint: str) -> AwsError:
    """Return what callers get while a host is being replaced."""
    return AwsError(
        "ServiceUnavailable",
        f"Endpoint {endpoint} is unable to serve requests at the moment. Please retry.",
        503,
    )


def model_error(status: int, body: bytes, log: str) -> AwsError:
    """Return what callers get when the container, not SageMaker, fails.

    Args:
        status: The container's own HTTP status.
        body: The container's own answer.
        log: Where the container's log lies.
    """
    whose = "client" if status < 500 else "server"
    text = body.decode(errors="replace")
    return AwsError(
        "ModelError",
        f'Received {whose} error ({status}) from primary with message "{text}". See {log} '
        "for more information.",
        424,
        OriginalStatusCode=status,
        OriginalMessage=text,
        LogStreamArn=log,
    )


class HostFailed(Exception):
    """A host that could not be brought up; its text becomes the endpoint's `FailureReason`."""
