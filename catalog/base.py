"""The strict base of everything that people write in YAML."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A document part: unknown keys are errors, nothing is coerced, nothing changes later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=False)
