"""SharePoint REST answers have Microsoft's types and members, in all three forms of OData."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.client_kit import Imaging
from tests.contract.example_kit import World
from tests.contract.rest_shapes_kit import (
    FORMS,
    MINIMAL,
    VERBOSE,
    Shapes,
    Types,
    metadata,
)
from tests.contract.test_client_requests import HUB
from tests.contract.test_examples import ADMIN
from tests.tenant_kit import running
from tests.webhook_kit import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = Types(metadata())
pytestmark = pytest.mark.skipif(not TYPES.types, reason="../shared/contract is not here")
FILE = "GetFileByServerRelativePath(DecodedUrl='{path}/Shared Documents/Folder/Document.docx')"
ITEM = "web/lists/GetByTitle('Events')/items(1)"
ADDRESSES = (
    "web", "site", "web/lists", "web/lists/GetByTitle('Events')",
    "web/lists/GetByTitle('Events')/fields",
    "web/lists/GetByTitle('Events')/views", "web/lists/GetByTitle('Events')/ContentTypes",
    "web/lists/GetByTitle('Events')/items?$expand=File,ParentList", f"{ITEM}/versions",
    f"{ITEM}/RoleAssignments?$expand=Member,RoleDefinitionBindings", "web/fields",
    "web/contenttypes",
    "web/siteusers", "web/sitegroups", "web/sitegroups/GetByName('Imaging Owners')/users",
    "web/roledefinitions", "web/currentuser",
    f"web/{FILE}?$expand=ListItemAllFields", f"web/{FILE}/versions", "web/recyclebin",
    "web/lists/GetByTitle('Events')/subscriptions", "HubSites",
    f"{ITEM}/AttachmentFiles", f"{ITEM}/FieldValuesAsText", "web/AllProperties",
    "web/RegionalSettings?$expand=TimeZone", "web/RegionalSettings/TimeZones",
    "web/UserCustomActions", "site/UserCustomActions", "web/EventReceivers", "web/Features",
    "web/Webs", "web/WebInfos", "web/GetAvailableWebTemplates(lcid=2057)", "SitePages/Pages",
    "web?$select=*,MembersCanShare,RequestAccessEmail,EffectiveBasePermissions,WelcomePage",
    "site?$select=*,Usage,ShareByEmailEnabled,ServerRelativePath",
    f"{ITEM}?$select=*,EffectiveBasePermissions,CommentsDisabled",
    f"{ITEM}/ContentType", "web/DefaultDocumentLibrary?$select=*,DefaultNewFormUrl,IsSystemList",
    f"web/{FILE}/Properties", f"web/{FILE}?$select=*,Archived,ListId,WebId,VroomItemID",
)  # fmt: skip
VALUES = (
    "SP.CompliancePolicy.SPPolicyStoreProxy.GetAvailableTagsForSite(siteUrl='x')",
    "web/GetUserEffectivePermissions(userName='helen.ward@dgft.nhs.example')",
)


@pytest.fixture(scope="module")
def shapes(tmp_path_factory) -> Iterator[Shapes]:
    with Webhook() as hook, running(tmp_path_factory.mktemp("shapes"), ADMIN) as tenant:
        place = Imaging(World(tenant, hook), HUB)
        place.rest.post(f"{place.path}/_api/Site/RegisterHubSite").raise_for_status()
        yield Shapes(place)
        place.close()


def told(reply: Any) -> Any:
    """Return an answer's rows, or the one entity, whatever its form."""
    body = reply.json()
    body = body.get("d", body)
    return body.get("results", body.get("value", body)) if isinstance(body, dict) else body


def first(rows: Any) -> dict[str, Any]:
    return rows[0] if isinstance(rows, list) and rows else rows if isinstance(rows, dict) else {}


@pytest.mark.parametrize("address", [*ADDRESSES, *VALUES])
def test_every_member_is_microsoft_s_own_and_of_its_type(shapes, address):
    reply = shapes.get(address.format(path=shapes.place.path), VERBOSE)
    assert reply.status_code == 200, reply.text
    assert sorted(set(TYPES.faults(reply.json()))) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_three_forms_tell_the_same(shapes, address):
    path = address.format(path=shapes.place.path)
    verbose, minimal, none = (first(told(shapes.get(path, form))) for form in FORMS)
    plain = {key for key, value in verbose.items() if not _deferred(value)} - {"__metadata"}
    assert {key for key in minimal if not key.startswith("odata.")} == none.keys() == plain
    if none:
        assert verbose["__metadata"]["type"] == minimal["odata.type"]


def _deferred(value: Any) -> bool:
    return isinstance(value, dict) and "__deferred" in value


def test_an_answer_without_a_wish_is_minimal(shapes):
    assert "odata.metadata" in shapes.get("web/lists", "application/json").json()
    assert "odata.metadata" in shapes.get("web/lists", MINIMAL).json()
