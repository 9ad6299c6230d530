"""Where an item is: its list, what the schema says of that place, and who is told there."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from sync.model import Area, Recipient
from sync.remedies import Rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sharepoint_schema.expand import SiteSpec
    from sharepoint_schema.site import SiteList
    from sharepoint_schema.standard import Mode, Standard
    from sync.model import Excuse, Finding
    from sync.state.lists import ListRow

NONE: Mapping[str, Excuse] = MappingProxyType({})
WAIVERS = "waivers"
"""The list in which staff ask for a waiver, by its key."""
EVERY = "*"
"""In an overriding modes file: every policy that has no line of its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """One followed list with all that judging and acting there needs. `modes` by policy."""

    row: ListRow
    spec: SiteSpec
    area: Area
    modes: Mapping[str, Mode]
    grace_days: int
    closing: frozenset[str]

    @property
    def list(self) -> SiteList:
        return self.spec.list(self.row.area)

    @property
    def folder_url(self) -> str:
        """The address of the library's root folder."""
        return f"{self.row.site_url}/{self.list.folder}"

    def form_url(self, item_id: str) -> str:
        """Return the address of an item: without a name, and SharePoint lets in who may see it."""
        library = self.list.template == "library"
        folder = f"{self.list.folder}/Forms" if library else f"Lists/{self.list.folder}"
        return f"{self.row.site_url}/{quote(folder)}/DispForm.aspx?ID={item_id}"

    def shown(self, words: str) -> str:
        """Return a file's name, or words that may quote it, where they may be told.

        "" in a restricted place or quarantine: what lies there is nobody else's business.
        """
        return words if self.area.is_open else ""

    @property
    def dates(self) -> frozenset[str]:
        """Internal names of the columns that hold dates."""
        return frozenset(one.name for one in self.spec.columns_of(self.list) if one.kind == "date")

    def rules(
        self,
        promised: Mapping[str, datetime],
        *,
        put_right: tuple[Finding, ...],
        excused: Mapping[str, Excuse] = NONE,
    ) -> Rules:
        """Return how findings are treated here: by mode, promises given, and what is excused."""
        return Rules(
            self.modes,
            self.grace_days,
            promised,
            self.closing,
            put_right,
            excused,
            waivers=any(one.key == WAIVERS for one in self.spec.lists),
        )

    def address_of(self, role: Recipient) -> tuple[str, ...]:
        """Return the mailboxes of a standing role of this site."""
        if role is Recipient.IG_OFFICERS:
            return self.spec.group("ig_officers").members
        return (self.spec.owner,)


def place_of(
    row: ListRow, spec: SiteSpec, standard: Standard, overrides: Mapping[str, Mode]
) -> Place:
    """Put together what is known of a list. `overrides` are the modes of this installation."""
    area = spec.list(row.area)
    return Place(
        row=row,
        spec=spec,
        area=Area(
            key=area.key,
            kind=area.place,
            title=area.title,
            policies=frozenset(area.policies),
            path_length=len(urlsplit(row.site_url).path.strip("/")) + 1 + len(area.folder),
            restricted=spec.place("restricted").key,
            quarantine=spec.place("quarantine").key,
        ),
        modes=modes_of(spec.modes_of(area), standard, overrides),
        grace_days=standard.review.grace_days,
        closing=frozenset(standard.contains_first),
    )


def modes_of(
    declared: Mapping[str, Mode], standard: Standard, overrides: Mapping[str, Mode]
) -> dict[str, Mode]:
    """Return each policy's mode: this installation's word, else the site's, else the standard's.

    Containment and quarantine know only observe and enforce (decisions 6): a warning over them
    counts as enforce.
    """
    wanted = {
        policy: overrides.get(policy) or overrides.get(EVERY) or mode
        for policy, mode in declared.items()
    }
    return {
        policy: "enforce" if mode == "warn" and policy in standard.contains_first else mode
        for policy, mode in wanted.items()
    }
