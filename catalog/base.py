"""The strict base of everything that people write in YAML."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    """A document part: unknown keys are errors, nothing is coerced, nothing changes later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=False)


def as_tuple(value: object) -> object:
    """Return a YAML list as the tuple that frozen documents hold."""
    return tuple(value) if isinstance(value, list) else value
