"""Making sites: SPSiteManager answers at once and finishes later (wire.md 7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from local.tenant.errors import Refusal, access_denied, bad_request
from local.tenant.sharepoint.address import parse_literal
from local.tenant.sharepoint.surface import Ask, Thing, Value, act, link
from local.tenant.sharepoint.web import NO_GUID
from local.tenant.store import directory, principals, sites

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.database import Store

MANAGER = "Microsoft.SharePoint.Portal.SPSiteManager"
RESPONSE = "Microsoft.SharePoint.Portal.SPSiteCreationResponse"
NOT_FOUND, PROVISIONING, READY, EXISTS = 0, 1, 2, 4
POLLS, SECONDS = "site_creation_polls", "site_creation_seconds"
MAY_CREATE = frozenset({"Sites.Create.All", "Sites.FullControl.All", "AllSites.FullControl"})
TEMPLATES = frozenset({"STS#3", "SITEPAGEPUBLISHING#0"})


@link("", "SPSiteManager")
def manager(_ask: Ask, _place: Thing) -> Thing:
    return Thing(MANAGER, None)


@act(MANAGER, "Create")
def create(ask: Ask, _place: Thing) -> Value:
    """Begin a site: status 1 (provisioning), or 4 when the address is taken.

    How long it takes is set in the store: `site_creation_polls` questions answered with
    "provisioning" (1 unless set) and `site_creation_seconds` of the tenant's clock (0 unless set).
    """
    if not MAY_CREATE & (ask.who.roles | ask.who.scopes):
        raise access_denied("Access denied. You may not create sites.")
    path = site_path(ask.text("Url"))
    if (taken := _find(ask.store, path)) is not None:
        return _response(taken, EXISTS if taken["state"] == sites.READY else PROVISIONING)
    row = sites.create(ask.store, _wanted(ask, path))
    sites.put_setting(ask.store, row["id"], POLLS, int(ask.store.get(POLLS, "1")))
    ready = ask.store.now() + timedelta(seconds=float(ask.store.get(SECONDS, "0")))
    sites.put_setting(ask.store, row["id"], "ready_at", ready.isoformat())
    return _response(row, PROVISIONING)


@link(MANAGER, "Status")
def status(ask: Ask, _place: Thing) -> Value:
    """Answer 1 until the site is ready, then 2; 0 for an address nobody asked for."""
    url = str(ask.find("url") or parse_literal(ask.call.query.get("url", ""), {}))
    row = _find(ask.store, site_path(url))
    if row is None:
        return Value({"SiteId": NO_GUID, "SiteStatus": NOT_FOUND, "SiteUrl": ""}, RESPONSE)
    if row["state"] == sites.READY or _finished(ask.store, row):
        return _response(row, READY)
    return _response(row, PROVISIONING)


def site_path(url: str) -> str:
    """Return the server-relative path of a site's full address; 400 when it is no site address."""
    path = unquote(urlsplit(url).path).rstrip("/")
    if not path.startswith(("/sites/", "/teams/")) or path.count("/") != len(("sites", "name")):
        raise bad_request(f"{url!r} is not an address such as https://host/sites/name")
    return path


def _wanted(ask: Ask, path: str) -> sites.NewSite:
    template = str(ask.find("WebTemplate") or "SITEPAGEPUBLISHING#0")
    if template not in TEMPLATES:
        raise bad_request(f"The web template {template} is not served; use STS#3")
    return sites.NewSite(
        host=sites.by_path(ask.store, "")["host"],
        path=path,
        title=ask.text("Title"),
        owner=_owner(ask),
        description=str(ask.find("Description") or ""),
        template=template,
        lcid=int(ask.find("Lcid") or 1033),
        state=sites.PROVISIONING,
    )


def _owner(ask: Ask) -> str:
    """Return the owner as an actor; an app must name one, a person is it without another name."""
    name = str(ask.find("Owner") or "")
    if not name and ask.who.app_only:
        raise bad_request("Owner is required when an app creates a site")
    if not name:
        return principals.actor_of(ask.who)
    row = directory.user(ask.store, name.rpartition("|")[2])
    if row is None:
        raise Refusal(400, "invalidRequest", f"The owner {name} could not be found.")
    return f"user:{row['id']}"


def _finished(store: Store, row: sqlite3.Row) -> bool:
    """Count this question; make the site ready once polls and seconds have both passed."""
    kept = sites.settings(row)
    polls = int(str(kept.get(POLLS, 0)))
    if polls > 0:
        sites.put_setting(store, row["id"], POLLS, polls - 1)
        return False
    if store.now() < datetime.fromisoformat(str(kept["ready_at"])):
        return False
    sites.set_state(store, row["id"], sites.READY)
    return True


def _find(store: Store, path: str) -> sqlite3.Row | None:
    return store.one("SELECT * FROM sites WHERE path=?", path)


def _response(row: sqlite3.Row, number: int) -> Value:
    shown: dict[str, Any] = {"SiteId": "", "SiteStatus": number, "SiteUrl": ""}
    if number != PROVISIONING:
        shown |= {"SiteId": row["id"], "SiteUrl": sites.web_url(row)}
    return Value(shown, RESPONSE)
