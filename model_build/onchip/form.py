"""The request that asks one model of a TorchServe endpoint: a multipart form."""

from collections.abc import Mapping

BOUNDARY = "slipway-onchip-4c1d"


def form(model: str, item: str | bytes, parent: str = "") -> tuple[bytes, str]:
    """Return body and content type of one question, a text or an image's bytes.

    A parent's request has a field for each part that it asks.
    """
    name, value = ("image", item) if isinstance(item, bytes) else ("text", item.encode())
    fields = {"model_name": (parent or model).encode(), model if parent else name: value}
    return multipart(fields)


def multipart(fields: Mapping[str, bytes]) -> tuple[bytes, str]:
    """Return body and content type of a form."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
        for field, content in fields.items()
    ]
    body = b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={BOUNDARY}"
