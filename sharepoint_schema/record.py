"""What every declared thing has in common: frozen, strict, loud about a key it does not know."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

type Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=40)]
"""A short handle other entries refer to: letters, digits, `-` and `_`."""

type Line = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^\S(?:.*\S)?$")
]
"""One line of words that staff read."""

type Address = Annotated[str, StringConstraints(pattern=r"^[^@\s{}]+@[^@\s{}]+\.[^@\s{}]+$")]
"""A person's user name in Entra (a mail address)."""


class Record(BaseModel):
    """Immutable, and loud about a key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
