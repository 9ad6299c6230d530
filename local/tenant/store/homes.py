"""Sites that come with a person (OneDrive) or a Microsoft 365 group; made when first asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.tenant.store import directory, lists, principals, sites

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

PERSONAL = "SPSPERS#10"
OF_GROUP = "GROUP#0"
SHAREPOINT = "app:00000003-0000-0ff1-ce00-000000000000"  # SharePoint Online itself


def is_personal(site: sqlite3.Row) -> bool:
    return bool(site["template"] == PERSONAL)


def of_user(store: Store, user: sqlite3.Row) -> sqlite3.Row:
    """Return a person's own site on the -my host: /personal/ and their sign-in name, flattened."""
    path = "/personal/" + re.sub(r"[^0-9a-z]", "_", user["upn"].lower())
    found = store.one("SELECT * FROM sites WHERE path=?", path)
    if found is not None:
        return found
    name = store.get("sharepoint_host").removesuffix(".sharepoint.com")
    host, owner = f"{name}-my.sharepoint.com", f"user:{user['id']}"
    return sites.create(
        store, sites.NewSite(host, path, user["display_name"], owner, template=PERSONAL)
    )


def of_group(store: Store, group: sqlite3.Row) -> sqlite3.Row:
    """Return the team site of a Microsoft 365 group; the group's members are members there."""
    found = store.one(
        "SELECT * FROM sites WHERE json_extract(settings, '$.group')=?", group["id"].lower()
    )
    if found is not None:
        return found
    path, number = f"/sites/{group['nickname']}", 1
    while store.one("SELECT 1 FROM sites WHERE path=?", path):
        number += 1
        path = f"/sites/{group['nickname']}{number}"
    owners = directory.members(store, group["id"], owners=True)
    owner = f"user:{owners[0]['id']}" if owners else SHAREPOINT
    host = store.get("sharepoint_host")
    new = sites.NewSite(host, path, group["display_name"], owner, template=OF_GROUP)
    site = sites.create(store, new)
    sites.put_setting(store, site["id"], "group", group["id"].lower())
    _owners, members, _visitors = sites.associated_groups(store, site["id"])
    member = principals.ensure_group(store, site["id"], group["id"])
    principals.add_member(store, site["id"], members, member)
    return sites.by_id(store, site["id"])


def library(store: Store, site: sqlite3.Row) -> sqlite3.Row:
    """Return the library that is the site's drive."""
    return lists.default_library(store, site["id"])
