"""A site as it was found: the properties a spec declares, with the tenant's own ids beside them.

Read by `sync.tenant`, compared by `sync.diff`. Properties are named as in `sharepoint_schema.care`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

type Values = Mapping[str, Any]
"""Properties by name, in the form JSON knows them."""


NATIVE = frozenset(
    {
        *("Shared_x0020_Documents", "SitePages", "SiteAssets", "Style_x0020_Library"),
        *("FormServerTemplates", "Site_x0020_Pages", "Site_x0020_Assets"),
    }
)
"""Lists a team site brings by itself; they count once somebody uses them."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is there: the tenant's id for it, and its properties."""

    id: str
    values: Values


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list or library that is there.

    `types` are its content types, name to id, default first; `templates` the addresses of their
    document templates by name, of those that have one; `access` is what each principal
    holds, by the title SharePoint shows; `inherits` tells whether that is the site's; `items`
    counts files, folders and rows.
    """

    id: str
    values: Values
    types: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Found] = field(default_factory=dict)
    views: Mapping[str, Found] = field(default_factory=dict)
    inherits: bool = True
    access: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    items: int = 0


@dataclass(frozen=True, slots=True)
class SiteState:
    """A site as it was read; `id` is Graph's site id, None when there is no site.

    Columns are by internal name, content types by name, groups by title, lists by their name in
    the address (`lists` are the declared ones, `others` the rest), `levels` (what a principal holds
    on the site) by title, `apps` by application id; `principals` are the site's own numbers of
    everybody met in it. `hub` is the address of the hub it belongs to ("" none), `hubs` are the ids
    of all hubs by address, `navigation` the links of each bar in order.
    """

    id: str | None = None
    values: Values = field(default_factory=dict)
    groups: Mapping[str, Found] = field(default_factory=dict)
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: Mapping[str, Found] = field(default_factory=dict)
    types: Mapping[str, Found] = field(default_factory=dict)
    lists: Mapping[str, FoundList] = field(default_factory=dict)
    others: Mapping[str, FoundList] = field(default_factory=dict)
    apps: Mapping[str, Found] = field(default_factory=dict)
    files: frozenset[tuple[str, str]] = frozenset()
    principals: Mapping[str, int] = field(default_factory=dict)
    hub: str = ""
    hubs: Mapping[str, str] = field(default_factory=dict)
    navigation: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)
