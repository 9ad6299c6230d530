"""Who plays which part: the people and apps that site templates name by role.

One small file per tenant (`roles.yaml`), so that templates hold no names of people.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from sharepoint_schema.loading import read_record
from sharepoint_schema.record import Address, Code, Record


class Roles(Record):
    """People and apps by role; `apps` are application (client) ids in Entra."""

    people: Mapping[Code, tuple[Address, ...]] = Field(default_factory=dict)
    apps: Mapping[Code, Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]] = Field(
        default_factory=dict
    )


def load_roles(path: Path) -> Roles:
    """Return the roles a YAML file declares; SchemaProblems lists every fault."""
    return read_record(path, Roles)
