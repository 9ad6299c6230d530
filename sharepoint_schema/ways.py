"""How staff find their way to a site and about it: its hub, and the links of its navigation."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from sharepoint_schema.care import Care
from sharepoint_schema.record import Code, Line, Record


class Part(Record):
    """Anything a template declares; `care` sets a property's class apart from the usual."""

    care: Mapping[Code, Care] = Field(default_factory=dict)


class Hub(Part):
    """The hub a site belongs to: `at` is the address of the hub's own site, maybe this very one."""

    at: Annotated[str, Field(pattern=r"^/\S+$")]


class Link(Record):
    """A link of the navigation: to a list of the site, by its key, or to an address."""

    title: Line
    list: Code | None = None
    url: Annotated[str, Field(pattern=r"^(/|https://)[^\r\n]*$")] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.list is None) == (self.url is None):
            raise ValueError("a link leads either to a list or to an address")
        return self


class Navigation(Part):
    """What must be found in the site's navigation; on a hub, `top` is every joined site's too."""

    top: tuple[Link, ...] = ()
    quick: tuple[Link, ...] = ()
