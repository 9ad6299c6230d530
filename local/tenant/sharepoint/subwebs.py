"""Webs below a web: made by `webs/add` and `webinfos/add`, listed, with permissions of their own.

A subweb is a row like a site's, with the web above it among its settings; it answers under its own
address. Its site collection's number is its own here, not the root's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local.tenant.errors import Refusal, bad_request
from local.tenant.sharepoint.access import require, require_web
from local.tenant.sharepoint.regional import TEMPLATES
from local.tenant.sharepoint.surface import Ask, Page, Thing, Things, act, keyed, kind, link, verb
from local.tenant.sharepoint.web import WEB
from local.tenant.store import access, sites

if TYPE_CHECKING:
    import sqlite3

INFO = "SP.WebInformation"
NAME = re.compile(r"[^~\"#%&*:<>?/\\{|}]+")


@kind(INFO, key=lambda row: f"guid'{row['web_id']}'")
def show_info(_ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    template, _, number = row["template"].partition("#")
    return {
        "Configuration": int(number or 0),
        "Created": row["created"],
        "Description": row["description"],
        "Id": row["web_id"],
        "Language": row["lcid"],
        "LastItemModifiedDate": row["modified"],
        "LastItemUserModifiedDate": row["modified"],
        "ServerRelativeUrl": row["path"],
        "Title": row["title"],
        "WebTemplate": template,
        "WebTemplateId": {name: each for name, each, *_ in TEMPLATES}.get(row["template"], 0),
    }


def below(ask: Ask) -> list[sqlite3.Row]:
    """Return the webs right below this one that the caller may read."""
    return [
        row
        for row in sites.below(ask.store, ask.site["id"])
        if access.may(ask.store, ask.who, access.of_site(row), "read")
    ]


@link(WEB, "Webs")
def webs(_ask: Ask, place: Thing) -> Things:
    return Things(WEB, lambda ask: Page(list(below(ask))), place)


@link(WEB, "WebInfos")
def infos(_ask: Ask, place: Thing) -> Things:
    return Things(INFO, lambda ask: Page(list(below(ask))), place)


@act(WEB, "GetSubwebsFilteredForCurrentUser")
def filtered(ask: Ask, place: Thing) -> Things:
    return infos(ask, place)


@keyed(WEB, "Webs")
def web_by_id(ask: Ask, _place: Thing) -> Thing:
    wanted = ask.text("id").strip("{}").lower()
    for row in below(ask):
        if row["web_id"] == wanted:
            return Thing(WEB, row)
    raise Refusal(404, "itemNotFound", "The web could not be found.", -2147024894,
                  "System.IO.FileNotFoundException")  # fmt: skip


def _made(ask: Ask) -> sqlite3.Row:
    """Make a web below this one; 400 for a bad leaf name or template, and where one is there."""
    require_web(ask, "fullcontrol")
    leaf, template = ask.text("Url").strip("/"), str(ask.find("WebTemplate", 99) or "STS#3")
    template = template if "#" in template else f"{template}#0"
    if not NAME.fullmatch(leaf):
        raise bad_request(f"{leaf!r} is not the last part of a web's address")
    if template not in {name for name, *_ in TEMPLATES}:
        raise bad_request(f"The web template {template} is not served; use STS#3")
    path = f"{ask.site['path']}/{leaf}"
    if ask.store.one("SELECT 1 FROM sites WHERE path=?", path):
        raise Refusal(400, "nameAlreadyExists", f'The Web site address "{path}" is already in use.',
                      -2147024713, "Microsoft.SharePoint.SPException")  # fmt: skip
    row = sites.create(
        ask.store,
        sites.NewSite(
            host=ask.site["host"],
            path=path,
            title=ask.text("Title"),
            owner=ask.site["owner"],
            description=str(ask.find("Description", 99) or ""),
            template=template,
            lcid=int(ask.find("Language", 99) or ask.find("Lcid", 99) or ask.site["lcid"]),
        ),
    )
    sites.put_setting(ask.store, row["id"], sites.PARENT, ask.site["id"])
    return sites.by_id(ask.store, row["id"])


@verb(f"{WEB}*", "create")
@act(f"{WEB}*", "Add")
def add(ask: Ask, _place: Things) -> Thing:
    return Thing(WEB, _made(ask))


@verb(f"{INFO}*", "create")
@act(f"{INFO}*", "Add")
def add_by_info(ask: Ask, _place: Things) -> Thing:
    return Thing(INFO, _made(ask))


@verb(WEB, "delete")
@act(WEB, "DeleteObject")
def remove(ask: Ask, place: Thing) -> None:
    """Delete a web below another with all that is in it; a site's own web can't go this way."""
    require(ask, place, "fullcontrol")
    if sites.PARENT not in sites.settings(place.row):
        raise bad_request("The web of a site collection can't be deleted by itself.")
    if sites.below(ask.store, place.row["id"]):
        raise bad_request("Delete the webs below this one first.")
    sites.remove(ask.store, place.row)
