"""Read a request; each refusal says which key is wrong and what to send."""

import json

MAX_CHARACTERS = 2_000
MAX_BODY = 16_384


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, message: str, retry_after: int | None = None) -> None:
        """Keep the status, the message and after how many seconds to try again."""
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


def text_of(body: bytes) -> str:
    """Return the text of `{"text": "..."}`.

    Raises:
        Refusal: 400 for what is no JSON object, 422 for a wrong `text`, 413 for a long one.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"body: is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise Refusal(400, 'body: is not a JSON object; send {"text": "..."}')
    if "text" not in document:
        raise Refusal(422, 'text: is missing; send {"text": "..."}')
    text = document["text"]
    if not isinstance(text, str):
        raise Refusal(422, f"text: is {json.dumps(text)[:80]}; send a string")
    if not text.strip():
        raise Refusal(422, "text: is empty; send a query")
    if len(text) > MAX_CHARACTERS:
        raise Refusal(413, f"text: has {len(text)} characters; send {MAX_CHARACTERS} at most")
    return text


def check_length(length: int) -> None:
    """Refuse a body that is too long to be a query.

    Raises:
        Refusal: 413.
    """
    if length > MAX_BODY:
        raise Refusal(413, f"body: has {length} bytes or more; send {MAX_BODY} at most")
