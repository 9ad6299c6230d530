"""What a web and a site collection can be told: settings by MERGE, access requests, version policy.

Settings that only pages care about are kept and shown; nothing acts on them here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.errors import bad_request
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.body import members
from local.tenant.sharepoint.surface import Ask, Thing, Value, act, extra, kind, link, verb
from local.tenant.sharepoint.web import NO_GUID, SETTINGS, SITE, WEB
from local.tenant.store import kept, sites

if TYPE_CHECKING:
    import sqlite3

VERSIONS = "version policy"
TEMPLATE, POLICIES = "SP.SiteVersionPolicyManager", "SP.VersionPolicyManager"
WEB_MEMBERS: dict[str, Any] = {
    "AccessRequestSiteDescription": "",
    "AllowRssFeeds": True,
    "AlternateCssUrl": "",
    "AppInstanceId": NO_GUID,
    "ClassicWelcomePage": None,
    "CommentsOnSitePagesDisabled": False,
    "ContainsConfidentialInfo": False,
    "CustomMasterUrl": "",
    "CustomSiteActionsDisabled": False,
    "DesignPackageId": NO_GUID,
    "DisableAppViews": False,
    "DisableFlows": False,
    "DocumentLibraryCalloutOfficeWebAppPreviewersDisabled": False,
    "EnableMinimalDownload": False,
    "ExcludeFromOfflineClient": False,
    "FooterEmphasis": 0,
    "FooterEnabled": False,
    "FooterLayout": 0,
    "HeaderEmphasis": 0,
    "HeaderLayout": 0,
    "HideTitleInHeader": False,
    "HorizontalQuickLaunch": False,
    "IsHomepageModernized": False,
    "IsRevertHomepageLinkHidden": False,
    "LogoAlignment": 0,
    "MegaMenuEnabled": False,
    "MembersCanShare": True,
    "NavAudienceTargetingEnabled": False,
    "NextStepsFirstRunEnabled": False,
    "NotificationsInOneDriveForBusinessEnabled": False,
    "NotificationsInSharePointEnabled": False,
    "ObjectCacheEnabled": False,
    "OverwriteTranslationsOnChange": False,
    "PreviewFeaturesEnabled": True,
    "PrimaryColor": "",
    "QuickLaunchEnabled": True,
    "RecycleBinEnabled": True,
    "RequestAccessEmail": "",
    "SaveSiteAsTemplateEnabled": False,
    "SearchBoxInNavBar": 0,
    "SearchBoxPlaceholderText": None,
    "SearchScope": 0,
    "SiteLogoDescription": None,
    "SiteLogoUrl": None,
    "TenantAdminMembersCanShare": 0,
    "TreeViewEnabled": False,
    "UIVersion": 15,
    "UIVersionConfigurationEnabled": False,
    "UseAccessRequestDefault": True,
    "WelcomePage": "SitePages/Home.aspx",
}
FLAGS = {"IsMultilingual": False, "NoCrawl": False, "SyndicationEnabled": True}
SITE_MEMBERS: dict[str, Any] = {
    "AllowDesigner": True,
    "AllowExternalEmbeddingWrapper": 1,
    "AllowMasterPageEditing": False,
    "AllowSelfServiceUpgrade": True,
    "AuditLogTrimmingRetention": 90,
    "Classification": "",
    "CommentsOnSitePagesDisabled": False,
    "CompatibilityLevel": 15,
    "DisableAppViews": False,
    "DisableCompanyWideSharingLinks": False,
    "DisableFlows": False,
    "MaxItemsPerThrottledOperation": 5000,
    "SearchBoxInNavBar": 0,
    "SearchBoxPlaceholderText": None,
    "ShareByEmailEnabled": True,
    "ShareByLinkEnabled": False,
    "ShowPeoplePickerSuggestionsForGuestUsers": False,
    "SocialBarOnSitePagesDisabled": False,
    "StatusBarLink": None,
    "StatusBarText": None,
    "TrimAuditLog": True,
    "WriteLocked": False,
}


def said_of(ask: Ask, key: str) -> dict[str, Any]:
    return kept.members_of(ask.store, key, SETTINGS)


def _shown(owner: str, name: str, fresh: Any, key: str) -> None:
    """Let $select ask a web or site for a kept setting."""

    def value(ask: Ask, row: sqlite3.Row) -> Any:
        return said_of(ask, row[key]).get(name, fresh)

    extra(owner, name)(value)


for each, what in WEB_MEMBERS.items():
    _shown(WEB, each, what, "web_id")
for each, what in SITE_MEMBERS.items():
    if each != "Classification":
        _shown(SITE, each, what, "id")


@extra(WEB, "ServerRelativePath")
@extra(WEB, "ResourcePath")
@extra(SITE, "ServerRelativePath")
def web_path(_ask: Ask, row: sqlite3.Row) -> Value:
    return Value({"DecodedUrl": row["path"] or "/"}, "SP.ResourcePath")


@extra(WEB, "WebTemplateConfiguration")
def configuration(_ask: Ask, row: sqlite3.Row) -> str:
    return str(row["template"])


@extra(WEB, "SupportedUILanguageIds")
def languages(_ask: Ask, row: sqlite3.Row) -> Value:
    return Value([row["lcid"]], "Edm.Int32")


@extra(SITE, "Usage")
def usage(ask: Ask, row: sqlite3.Row) -> Value:
    """Return how many bytes the site's files take in their newest versions."""
    found = ask.store.one(
        "SELECT COALESCE(SUM(size), 0) AS n FROM items WHERE site_id=?", row["id"]
    )
    told = {"Bandwidth": "0", "DiscussionStorage": "0", "Hits": "0", "Visits": "0",
            "Storage": str(found["n"] if found else 0), "StoragePercentageUsed": 0.0}  # fmt: skip
    return Value(told, "SP.UsageInfo")


def _keep(ask: Ask, key: str, known: dict[str, Any], sent: dict[str, Any], what: str) -> None:
    if unknown := next((name for name in sent if name not in known), None):
        raise bad_request(f"The property '{unknown}' does not exist on type '{what}'.")
    kept.put(ask.store, key, SETTINGS, said_of(ask, key) | sent)


@verb(WEB, "merge")
@act(WEB, "Update")
def change_web(ask: Ask, place: Thing) -> None:
    """Change title, description and settings of a web; 400 for a member that it has not."""
    require(ask, place, "fullcontrol")
    new = members(ask.call)
    title = str(new.pop("Title", place.row["title"]))
    about = str(new.pop("Description", place.row["description"]))
    sites.update(ask.store, place.row["id"], title, about)
    if new:
        _keep(ask, place.row["web_id"], WEB_MEMBERS | FLAGS, new, WEB)


@verb(SITE, "merge")
def change_site(ask: Ask, place: Thing) -> None:
    require(ask, Thing(WEB, place.row), "fullcontrol")
    _keep(ask, place.row["id"], SITE_MEMBERS, members(ask.call), SITE)


@act(WEB, "SetUseAccessRequestDefaultAndUpdate")
def access_requests_to_owners(ask: Ask, place: Thing) -> None:
    """Send access requests to the site's owners, or no longer."""
    require(ask, place, "fullcontrol")
    chosen = {"UseAccessRequestDefault": bool(ask.find("useAccessRequestDefault", 0))}
    _keep(ask, place.row["web_id"], WEB_MEMBERS, chosen, WEB)


@act(WEB, "SetAccessRequestSiteDescriptionAndUpdate")
def access_request_words(ask: Ask, place: Thing) -> None:
    require(ask, place, "fullcontrol")
    words = {"AccessRequestSiteDescription": str(ask.find("description", 0) or "")}
    _keep(ask, place.row["web_id"], WEB_MEMBERS, words, WEB)


@act(WEB, "SetChromeOptions")
def chrome(ask: Ask, place: Thing) -> None:
    """Keep how a page's header and footer look."""
    require(ask, place, "fullcontrol")
    names = {name.lower(): name for name in WEB_MEMBERS}
    sent = {names[name]: value for name, value in ask.body.items() if name in names}
    _keep(ask, place.row["web_id"], WEB_MEMBERS, sent, WEB)


# -- how many versions a library keeps ------------------------------------------------------------
FRESH = {"DefaultTrimMode": 0, "DefaultExpireAfterDays": 0}


@kind(TEMPLATE, key=lambda row: row["id"])
def show_template(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    """Return the limits new libraries get; 500 major versions until somebody says otherwise."""
    said = kept.members_of(ask.store, row["id"], VERSIONS)
    return {
        "MajorVersionLimit": said.get("MajorVersionLimit", 500),
        "MajorWithMinorVersionsLimit": said.get("MajorWithMinorVersionsLimit", 0),
    }


@link(SITE, "VersionPolicyForNewLibrariesTemplate")
def template(ask: Ask, place: Thing) -> Thing:
    require(ask, Thing(WEB, ask.site), "read")
    return Thing(TEMPLATE, place.row)


@kind(POLICIES, key=lambda row: row["id"])
def show_policies(ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    said = kept.members_of(ask.store, row["id"], VERSIONS)
    return {name: said.get(name, fresh) for name, fresh in FRESH.items()}


@link(TEMPLATE, "VersionPolicies")
@link("SP.List", "VersionPolicies")
def policies(_ask: Ask, place: Thing) -> Thing:
    return Thing(POLICIES, place.row)


def _set(ask: Ask, said: dict[str, Any]) -> None:
    """Keep a policy for new libraries; only who has full control may."""
    require(ask, Thing(WEB, ask.site), "fullcontrol")
    before = kept.members_of(ask.store, ask.site["id"], VERSIONS)
    kept.put(ask.store, ask.site["id"], VERSIONS, before | said)


@act(TEMPLATE, "SetAutoExpiration")
def automatic(ask: Ask, _place: Thing) -> None:
    _set(ask, {"DefaultTrimMode": 2})


@act(TEMPLATE, "SetExpireAfter")
def expire_after(ask: Ask, _place: Thing) -> None:
    """Keep versions for so many days, and so many majors at most."""
    _set(ask, {"DefaultTrimMode": 1, "DefaultExpireAfterDays": ask.number("expireAfterDays", 0),
               "MajorVersionLimit": ask.number("majorVersionLimit", 1)})  # fmt: skip


@act(TEMPLATE, "SetNoExpiration")
def no_expiration(ask: Ask, _place: Thing) -> None:
    _set(ask, {"DefaultTrimMode": 0, "DefaultExpireAfterDays": 0,
               "MajorVersionLimit": ask.number("majorVersionLimit", 0)})  # fmt: skip


@act(TEMPLATE, "InheritTenantSettings")
def inherit(ask: Ask, _place: Thing) -> None:
    """Go back to what the tenant says: 500 majors, no expiry."""
    _set(ask, FRESH | {"MajorVersionLimit": 500})


@verb(POLICIES, "merge")
def change_policies(ask: Ask, place: Thing) -> None:
    """Change the policy of one library, which needs `manage` there, or of the site's template."""
    owner = ask.store.one("SELECT * FROM lists WHERE id=?", place.row["id"])
    place_of = Thing("SP.List", owner) if owner else Thing(WEB, ask.site)
    require(ask, place_of, "manage" if owner else "fullcontrol")
    sent = members(ask.call)
    if unknown := next((name for name in sent if name not in FRESH), None):
        raise bad_request(f"The property '{unknown}' does not exist on type '{POLICIES}'.")
    before = kept.members_of(ask.store, place.row["id"], VERSIONS)
    kept.put(ask.store, place.row["id"], VERSIONS, before | sent)
