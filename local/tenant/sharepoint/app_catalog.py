"""The tenant's app catalog, as far as governance meets it: which sites have a catalog of their own.

Solutions are not kept here: what would install or deploy one answers with the error that a tenant
without an app catalog gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from local.tenant.errors import Refusal, not_found
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.surface import Ask, Page, Thing, Things, Value, act, kind, link, reach
from local.tenant.sharepoint.web import SITE, WEB
from local.tenant.store import kept, sites

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.store.kept import Kept

CATALOG = "Microsoft.SharePoint.Marketplace.CorporateCuratedGallery.TenantCorporateCatalogAccessor"
_GALLERY = "Microsoft.SharePoint.Marketplace.CorporateCuratedGallery"
ENTRY = f"{_GALLERY}.SiteCollectionAppCatalogAllowedItem"
APP = "Microsoft.SharePoint.Marketplace.CorporateCuratedGallery.CorporateCatalogAppMetadata"
KIND = "app catalog"


@link(WEB, "TenantAppCatalog")
@link(WEB, "SiteCollectionAppCatalog")
def catalog(ask: Ask, place: Thing) -> Thing:
    require(ask, place, "read")
    return Thing(CATALOG, place.row)


@kind(CATALOG, key=lambda row: row["id"])
def show_catalog(_ask: Ask, _row: sqlite3.Row) -> dict[str, Any]:
    return {}


@kind(ENTRY, key=lambda row: f"'{row.id}'")
def show_entry(_ask: Ask, row: Kept) -> dict[str, Any]:
    return {"AbsoluteUrl": row.members["url"], "ErrorMessage": "Success", "SiteID": row.id}


@link(CATALOG, "SiteCollectionAppCatalogsSites")
def allowed(_ask: Ask, place: Thing) -> Things:
    """Return the sites that have an app catalog of their own."""
    return Things(ENTRY, lambda ask: Page(list(kept.of_kind(ask.store, KIND))), place)


def _site(ask: Ask) -> sqlite3.Row:
    path = unquote(urlsplit(ask.text("siteUrl", 0)).path).rstrip("/")
    row = sites.by_path(ask.store, path)
    require(ask, Thing(WEB, row), "fullcontrol")
    return row


@act(f"{ENTRY}*", "Add")
def allow(ask: Ask, _place: Things) -> Thing:
    """Let a site have an app catalog; full control of that site is needed."""
    row = _site(ask)
    made = kept.put(ask.store, row["id"], KIND, {"url": sites.web_url(row)}, row["id"])
    return Thing(ENTRY, made)


@act(f"{ENTRY}*", "Remove")
def forbid(ask: Ask, _place: Things) -> None:
    row = _site(ask)
    kept.remove(ask.store, kept.get(ask.store, row["id"], KIND, row["id"]))


@kind(APP, key=lambda row: f"guid'{row}'")
def show_app(_ask: Ask, row: str) -> dict[str, Any]:
    return {"ID": row}


@link(CATALOG, "AvailableApps")
def apps(_ask: Ask, place: Thing) -> Things:
    """Return the solutions of the catalog: there are none."""
    return Things(APP, lambda _ask: Page([]), place)


@reach(f"{APP}*", "GetById")
def app_by_id(ask: Ask, _place: Things) -> Thing:
    raise not_found(f"The app {ask.text('id')} is not in the app catalog.")


@act(CATALOG, "Add")
@act(CATALOG, "AddAndDeploy")
def no_catalog(_ask: Ask, _place: Thing) -> Thing:
    """Refuse a solution, in the words of a tenant that has no app catalog."""
    raise Refusal(400, "invalidRequest", "The tenant has no app catalog.", -1,
                  "System.InvalidOperationException")  # fmt: skip


@reach("", "SP_TenantSettings_Current")
@reach("", "SP.TenantSettings.Current")
def tenant_settings(ask: Ask, _place: Thing) -> Value:
    """Return the address of the tenant's app catalog: null, because there is none."""
    require(ask, Thing(WEB, ask.site), "read")
    return Value({"CorporateCatalogUrl": None}, "SP.TenantSettings")


@reach(SITE, "GetWebPath")
@act(SITE, "GetWebPath")
def web_path(ask: Ask, _place: Thing) -> Value:
    """Return the server-relative address of a web of the site, by its number."""
    wanted = ask.text("webId", 1).strip("{}").lower()
    row = ask.store.one("SELECT * FROM sites WHERE web_id=?", wanted)
    if row is None:
        raise not_found("The web could not be found.")
    require(ask, Thing(WEB, row), "read")
    return Value({"DecodedUrl": row["path"] or "/"}, "SP.ResourcePath")
