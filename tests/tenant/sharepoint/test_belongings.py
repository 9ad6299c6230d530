"""What belongs to webs, lists and items is stored, shown again, changed, and guarded."""

from __future__ import annotations

import pytest

from local.tenant.store import retention, rights
from tests.tenant.sharepoint.asking import Asking
from tests.tenant.sharepoint.rest_kit import HELEN, ROOT, SAM, login, user

ZERO = "00000000-0000-0000-0000-000000000000"
FOOTER = {"Title": "Footer", "Location": "ClientSideExtension.ApplicationCustomizer"}
RECEIVER = {"ReceiverName": "Added", "ReceiverUrl": "https://r.example/x", "EventType": 10001}
READ, EDIT = rights.READER, rights.EDIT


@pytest.fixture
def helen(rest):
    return Asking(rest)


@pytest.fixture
def sam(rest, helen):
    helen.let(SAM, READ)
    return Asking(rest, user(SAM))


KEPT = [
    ("web/UserCustomActions", FOOTER, "Id", {"Title": "Foot"}),
    ("site/UserCustomActions", FOOTER, "Id", {"Sequence": 7}),
    ("{list}/UserCustomActions", FOOTER, "Id", {"Url": "/x"}),
    ("web/EventReceivers", RECEIVER, "ReceiverId", {"SequenceNumber": 5}),
    ("site/EventReceivers", RECEIVER, "ReceiverId", {"ReceiverUrl": "https://r.example/y"}),
    ("{list}/EventReceivers", RECEIVER, "ReceiverId", {"ReceiverName": "Other"}),
]


@pytest.mark.parametrize(("place", "body", "key", "change"), KEPT)
def test_what_is_added_is_shown_changed_and_deleted(helen, place, body, key, change):
    address = place.format(list=helen.list())
    made = helen.post(address, body, 201)
    one = f"{address}(guid'{made[key]}')"
    assert {name: made[name] for name in body} == body
    assert helen.get(address)["value"] == [made]
    helen.merge(one, change)
    assert helen.get(one) == made | change
    helen.delete(one)
    assert helen.get(address)["value"] == []
    assert helen.get(one) == {"odata.null": True}


@pytest.mark.parametrize("kept", KEPT)
def test_a_reader_sees_it_and_changes_nothing(helen, sam, kept):
    place, body, key, change = kept
    address = place.format(list=helen.list())
    made = helen.post(address, body, 201)
    assert sam.get(address)["value"] == [made]
    sam.post(address, body, 403)
    sam.merge(f"{address}(guid'{made[key]}')", change, 403)
    sam.delete(f"{address}(guid'{made[key]}')", 403)


@pytest.mark.parametrize(
    ("place", "body"),
    [("web/UserCustomActions", {"Nonsense": 1}), ("web/EventReceivers", {"ReceiverName": "x"}),
     ("web/EventReceivers", RECEIVER | {"Nonsense": 1})],
)  # fmt: skip
def test_what_is_not_understood_is_refused(helen, place, body):
    helen.post(place, body, 400)


def test_a_feature_is_switched_on_and_off(helen, sam):
    guid = "f6924d36-2fa8-4f0b-b16d-06b7250180fa"
    helen.post(f"site/features/add('{guid}')")
    assert [row["DefinitionId"] for row in helen.get("site/features")["value"]] == [guid]
    helen.post(f"site/features/add('{guid}')", status=400)
    helen.post(f"site/features/add(featureId=guid'{guid}',force=true)")
    sam.post(f"site/features/remove('{guid}')", status=403)
    helen.post(f"site/features/remove('{guid}')")
    helen.post(f"site/features/remove('{guid}')", status=400)
    assert helen.get("site/features")["value"] == []
    helen.post("site/features/add('x')", status=400)


# -- attachments ----------------------------------------------------------------------------------
@pytest.fixture
def item(helen):
    address = helen.list()
    helen.post(f"{address}/items", {"Title": "Fair"}, 201)
    return f"{address}/items(1)"


def test_an_attachment_s_bytes_are_kept_replaced_and_deleted(helen, item):
    files = f"{item}/AttachmentFiles"
    made = helen.post(f"{files}/add(FileName='plan.pdf')", b"one")
    assert made["ServerRelativeUrl"] == "/sites/core/Lists/Events/Attachments/1/plan.pdf"
    assert helen.get(files)["value"] == [made]
    assert helen.get(item)["Attachments"] is True
    assert helen.get(f"{files}('PLAN.pdf')/$value") == b"one"
    helen.post(f"{files}/add(FileName='plan.pdf')", b"two", 400)
    helen.send("PUT", f"{files}('plan.pdf')/$value", b"three")
    assert helen.get(f"{files}/getByFileName('plan.pdf')/$value") == b"three"
    helen.delete(f"{files}('plan.pdf')")
    assert helen.get(files)["value"] == []
    assert helen.get(item)["Attachments"] is False
    assert helen.rest.store.one("SELECT COUNT(*) AS n FROM blobs")["n"] == 0


def test_an_attachment_changes_its_item_without_a_version(helen, item):
    etag = "odata.etag"
    before = helen.rest.get(helen.who, item, "application/json;odata=minimalmetadata").json()
    helen.post(f"{item}/AttachmentFiles/add(FileName='a.txt')", b"x")
    after = helen.rest.get(helen.who, item, "application/json;odata=minimalmetadata").json()
    assert after[etag] != before[etag]
    assert after["OData__UIVersionString"] == before["OData__UIVersionString"]


def test_an_attachment_is_guarded_as_its_item_is(helen, sam, item):
    files = f"{item}/AttachmentFiles"
    helen.post(f"{files}/add(FileName='a.txt')", b"x")
    assert sam.get(f"{files}('a.txt')/$value") == b"x"
    sam.post(f"{files}/add(FileName='b.txt')", b"x", 403)
    sam.delete(f"{files}('a.txt')", 403)
    sam.send("PUT", f"{files}('a.txt')/$value", b"y", 403)
    helen.get(f"{files}('none.txt')", 404)


def test_attachments_go_with_an_item_that_is_gone_for_good(helen, item):
    helen.post(f"{item}/AttachmentFiles/add(FileName='a.txt')", b"x")
    helen.post(f"{item}/recycle")
    helen.post("web/recyclebin/deleteall")
    assert helen.rest.store.all("SELECT * FROM attachments") == []
    assert helen.rest.store.all("SELECT * FROM blobs") == []


def test_a_library_takes_no_attachments(helen):
    address = helen.list("Papers", 101)
    helen.post("web/GetFolderByServerRelativeUrl('Papers')/Files/add(url='a.txt')", b"x")
    helen.post(f"{address}/items(1)/AttachmentFiles/add(FileName='b.txt')", b"x", 400)


# -- property bags --------------------------------------------------------------------------------
def test_a_property_bag_keeps_what_is_written(helen, sam, item):
    for address in ("web/AllProperties", f"{item}/Properties", "web/RootFolder/Properties",
                    "web/GetFolderByServerRelativeUrl('Shared Documents')/Properties"):  # fmt: skip
        before = helen.get(address)
        helen.merge(address, {"Owner": "Helen", "Area": "core"})
        helen.merge(address, {"Area": None})
        assert helen.get(address) == before | {"Owner": "Helen"}
        sam.merge(address, {"Owner": "Sam"}, 403)
        helen.merge(address, {"Owner": None})


# -- settings of a web ----------------------------------------------------------------------------
def test_a_web_s_settings_are_kept_and_unknown_ones_refused(helen, sam):
    helen.merge("web", {"RequestAccessEmail": "x@y.example", "NoCrawl": True, "Title": "Core"})
    shown = helen.get("web?$select=Title,NoCrawl,RequestAccessEmail,MembersCanShare")
    assert shown == {"Title": "Core", "NoCrawl": True, "RequestAccessEmail": "x@y.example",
                     "MembersCanShare": True}  # fmt: skip
    helen.merge("web", {"Nonsense": 1}, 400)
    sam.merge("web", {"Title": "Mine"}, 403)


def test_access_requests_are_told_to_go_elsewhere(helen):
    helen.post("web/SetUseAccessRequestDefaultAndUpdate", {"useAccessRequestDefault": False})
    helen.post("web/SetAccessRequestSiteDescriptionAndUpdate", {"description": "Ask Helen"})
    shown = helen.get("web?$select=UseAccessRequestDefault,AccessRequestSiteDescription")
    assert shown == {"UseAccessRequestDefault": False, "AccessRequestSiteDescription": "Ask Helen"}


def test_a_site_s_settings_are_kept(helen):
    helen.merge("site", {"Classification": "OFFICIAL", "ShareByEmailEnabled": False})
    shown = helen.get("site?$select=Classification,ShareByEmailEnabled")
    assert shown == {"Classification": "OFFICIAL", "ShareByEmailEnabled": False}
    helen.merge("site", {"Nonsense": 1}, 400)


def test_a_version_policy_for_new_libraries(helen, sam):
    address = "site/VersionPolicyForNewLibrariesTemplate"
    helen.post(f"{address}/SetExpireAfter(365,100)")
    shown = helen.get(f"{address}?$expand=VersionPolicies")
    assert shown["MajorVersionLimit"] == 100
    assert shown["VersionPolicies"] == {"DefaultTrimMode": 1, "DefaultExpireAfterDays": 365}
    sam.post(f"{address}/SetAutoExpiration", status=403)
    helen.post(f"{address}/InheritTenantSettings")
    assert helen.get(address)["MajorVersionLimit"] == 500


# -- regional settings ----------------------------------------------------------------------------
def test_regional_settings_are_changed_by_who_may(helen, sam):
    helen.merge("web/RegionalSettings", {"FirstDayOfWeek": 0, "ShowWeeks": True})
    shown = sam.get("web/RegionalSettings?$expand=TimeZone")
    assert (shown["FirstDayOfWeek"], shown["ShowWeeks"]) == (0, True)
    assert shown["TimeZone"]["Id"] == 2
    sam.merge("web/RegionalSettings", {"ShowWeeks": False}, 403)
    helen.merge("web/RegionalSettings", {"DateSeparator": "-"}, 400)
    helen.post("web/RegionalSettings/TimeZone/SetId(10)")
    assert helen.get("web/RegionalSettings/TimeZone")["Information"]["Bias"] == 300


@pytest.mark.parametrize(
    ("zone", "utc", "local"),
    [(2, "2026-01-05T09:00:00", "2026-01-05T09:00:00"),
     (2, "2026-07-05T09:00:00", "2026-07-05T10:00:00"),
     (10, "2026-01-05T09:00:00", "2026-01-05T04:00:00")],
)  # fmt: skip
def test_a_time_zone_knows_summer(helen, zone, utc, local):
    address = f"web/RegionalSettings/TimeZones/GetById({zone})"
    assert helen.get(f"{address}/UTCToLocalTime(date=datetime'{utc}')")["value"] == local
    told = helen.post(f"{address}/LocalTimeToUTC", {"date": local})["value"]
    assert told == f"{utc}Z"


def test_templates_and_languages_are_listed(helen):
    names = {row["Name"] for row in helen.get("web/GetAvailableWebTemplates(2057,false)")["value"]}
    assert {"STS#3", "SITEPAGEPUBLISHING#0"} <= names
    shown = helen.get("web/GetAvailableWebTemplates(2057)/GetByName('STS%233')")
    assert shown["Name"] == "STS#3"
    helen.get("web/GetAvailableWebTemplates(2057)/GetByName('X')", 404)
    languages = helen.get("web/RegionalSettings/InstalledLanguages")["Items"]
    assert 2057 in {row["Lcid"] for row in languages}


# -- webs below a web -----------------------------------------------------------------------------
def test_a_web_below_is_made_listed_asked_and_deleted(rest, helen, sam):
    asked = {"parameters": {"Url": "minutes", "Title": "Minutes", "WebTemplate": "STS"}}
    made = helen.post("web/webinfos/add", asked)
    assert made["ServerRelativeUrl"] == "/sites/core/minutes"
    assert [row["Title"] for row in helen.get("web/webs")["value"]] == ["Minutes"]
    assert sam.get("web/webs")["value"] == []
    below = Asking(rest, base=f"{ROOT}/sites/core/minutes")
    assert below.get("web")["Id"] == made["Id"]
    below.list("Agenda")
    helen.post("web/webinfos/add", asked, 400)
    sam.post("web/webs/add", asked | {"Url": "x"}, 403)
    below.post("web/deleteObject")
    assert helen.get("web/webinfos")["value"] == []
    helen.post("web/deleteObject", status=400)


# -- permission levels and masks ------------------------------------------------------------------
def test_a_level_of_the_site_s_own_gives_what_its_mask_says(rest, helen):
    mask = {"High": "0", "Low": str(0x1 | 0x2 | 0x4)}
    role = helen.post("web/roledefinitions", {"Name": "Clerk", "BasePermissions": mask}, 201)
    assert helen.get(f"web/roledefinitions({role['Id']})")["BasePermissions"] == mask
    helen.let(SAM, role["Id"])
    address = helen.list()
    Asking(rest, user(SAM)).post(f"{address}/items", {"Title": "x"}, 201)
    helen.merge(f"web/roledefinitions({role['Id']})", {"BasePermissions": {"Low": "1"}})
    Asking(rest, user(SAM)).post(f"{address}/items", {"Title": "y"}, 403)
    helen.delete(f"web/roledefinitions({role['Id']})")
    Asking(rest, user(SAM)).get(f"{address}/items", 404)


def test_levels_have_one_name_each_and_sharepoint_s_own_stay(helen, sam):
    helen.post("web/roledefinitions", {"Name": "Read"}, 400)
    helen.delete(f"web/roledefinitions({READ})", 400)
    sam.post("web/roledefinitions", {"Name": "Clerk"}, 403)


def test_a_mask_tells_what_somebody_may_do(helen, sam):
    low = int(sam.get("web?$select=EffectiveBasePermissions")["EffectiveBasePermissions"]["Low"])
    assert low & 0x1
    assert not low & 0x4
    full = helen.get(f"web/getUserEffectivePermissions(@u)?@u='{login(HELEN)}'".replace("#", "%23"))
    assert full == {"High": "2147483647", "Low": "4294967295"}
    asked = {"permissionMask": {"High": "0", "Low": "4"}}
    assert helen.post("web/DoesUserHavePermissions", asked)["value"] is True
    assert sam.post("web/DoesUserHavePermissions", asked)["value"] is False


# -- retention labels -----------------------------------------------------------------------------
def test_labels_are_listed_put_on_and_taken_off(rest, helen, item):
    retention.define(rest.store, "Keep", retention.RETAIN)
    proxy = "SP.CompliancePolicy.SPPolicyStoreProxy"
    told = helen.get(f"{proxy}.GetAvailableTagsForSite(siteUrl=@a)?@a='https://x/sites/core'")
    assert [row["TagName"] for row in told["value"]] == ["Keep"]
    helen.post(f"{item}/SetComplianceTag", {"complianceTag": "Keep"})
    guid = helen.get(f"{item}?$select=UniqueId")["UniqueId"]
    assert retention.of(rest.store, guid)["label"] == "Keep"
    helen.post(f"{item}/SetComplianceTag", {"complianceTag": ""})
    assert retention.of(rest.store, guid) is None
    helen.post(f"{item}/SetComplianceTag", {"complianceTag": "None such"}, 400)


def test_a_list_s_label_is_put_on_its_items_when_it_is_synced(rest, helen, item):
    retention.define(rest.store, "Keep", retention.RETAIN)
    proxy = "SP_CompliancePolicy_SPPolicyStoreProxy"
    asked = {"listUrl": "https://wmin.sharepoint.com/sites/core/Lists/Events",
             "complianceTagValue": "Keep", "syncToItems": True}  # fmt: skip
    helen.post(f"{proxy}_SetListComplianceTag", asked)
    told = helen.get(f"{proxy}_GetListComplianceTag(listUrl='/sites/core/Lists/Events')")
    assert told["TagName"] == "Keep"
    guid = helen.get(f"{item}?$select=UniqueId")["UniqueId"]
    assert retention.of(rest.store, guid)["label"] == "Keep"


# -- the app catalog ------------------------------------------------------------------------------
def test_sites_with_an_app_catalog_of_their_own_are_listed(helen, sam):
    address = "web/TenantAppCatalog/SiteCollectionAppCatalogsSites"
    asked = {"siteUrl": "https://wmin.sharepoint.com/sites/core"}
    helen.post(f"{address}/Add", asked)
    urls = [row["AbsoluteUrl"] for row in helen.get(address)["value"]]
    assert urls == ["https://wmin.sharepoint.com/sites/core"]
    sam.post(f"{address}/Remove", asked, 403)
    helen.post(f"{address}/Remove", asked)
    assert helen.get(address)["value"] == []
    helen.get(f"web/TenantAppCatalog/AvailableApps/GetById('{ZERO}')", 404)
    assert helen.get("SP_TenantSettings_Current") == {"CorporateCatalogUrl": None}


# -- more of a web --------------------------------------------------------------------------------
def test_a_storage_entity_is_the_whole_tenant_s(rest, helen, sam):
    helen.post("web/SetStorageEntity", {"key": "colour", "value": "blue", "description": "d"})
    root = Asking(rest, base=ROOT)
    assert root.get("web/GetStorageEntity('colour')")["Value"] == "blue"
    assert helen.get("web/GetStorageEntity('size')")["Value"] is None
    sam.post("web/SetStorageEntity", {"key": "colour", "value": "red"}, 403)
    helen.post("web/RemoveStorageEntity('colour')")
    assert root.get("web/GetStorageEntity('colour')")["Value"] is None


def test_an_alert_is_its_maker_s_own(helen, sam):
    made = sam.post("web/alerts", {"Title": "Anything"}, 201)
    assert [row["Title"] for row in sam.get("web/alerts")["value"]] == ["Anything"]
    assert helen.get("web/alerts")["value"] == []
    helen.post(f"web/alerts/DeleteAlert('{made['ID']}')", status=404)
    sam.post(f"web/alerts/DeleteAlert('{made['ID']}')")
    assert sam.get("web/alerts")["value"] == []
    sam.post("web/alerts", {"AlertType": 1}, 400)


def test_a_web_tells_its_maker_its_catalogs_and_the_web_above(rest, helen):
    assert helen.get("web/Author")["Title"] == "Helen Ward"
    assert helen.get("web/ParentWeb") == {"odata.null": True}
    helen.post("web/webinfos/add", {"parameters": {"Url": "sub", "Title": "Sub"}})
    below = Asking(rest, base=f"{ROOT}/sites/core/sub")
    assert below.get("web/ParentWeb")["Title"] == "Core team"
    assert helen.get("web/GetCatalog(116)")["Hidden"] is True
    helen.get("web/GetCatalog(7)", 400)
    assert helen.get("web/ThemeInfo")["AccessibleDescription"] == ""


def test_update_is_the_same_as_a_merge(helen):
    address = helen.list()
    helen.post(f"{address}/update", {"Description": "d"})
    assert helen.get(address)["Description"] == "d"


def test_a_column_s_index_is_switched(helen, sam):
    address = helen.list()
    field = f"{address}/fields/getbytitle('Title')"
    helen.post(f"{field}/EnableIndex")
    assert helen.get(field)["Indexed"] is True
    helen.post(f"{field}/DisableIndex")
    assert helen.get(field)["Indexed"] is False
    sam.post(f"{field}/EnableIndex", status=403)
