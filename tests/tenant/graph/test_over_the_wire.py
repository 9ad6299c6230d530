"""The same dialect through the running tenant: TLS, tokens, and Microsoft's own client."""

from __future__ import annotations

import json
import ssl
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.authentication import BaseBearerTokenAuthenticationProvider as Bearer
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.drives.item.items.item.checkin.checkin_post_request_body import (
    CheckinPostRequestBody,
)
from msgraph.generated.models.drive_item import DriveItem
from msgraph.generated.models.field_value_set import FieldValueSet
from msgraph.generated.models.list_ import List_ as GraphList
from msgraph.generated.models.list_info import ListInfo
from msgraph.generated.models.list_item import ListItem
from msgraph.generated.models.o_data_errors.o_data_error import ODataError

from local.tenant import graph as graph_package
from local.tenant.graph.addressing import GraphRouter
from local.tenant.surfaces import routes_of
from tests.contract_kit import FOLDER as CONTRACT
from tests.tenant_kit import HELEN, SAM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# msgraph and kiota warn about classes of their own while they are being imported
pytestmark = [
    pytest.mark.filterwarnings("ignore:GetQueryParameters is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning"),
]
OURS = ("sites", "drives", "shares")


class Token(AccessTokenProvider):
    def __init__(self, token: str) -> None:
        self._token = token

    async def get_authorization_token(self, uri, additional_authentication_context=None):  # noqa: ARG002
        return self._token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator(["127.0.0.1"])


@pytest.fixture
async def helen(shared_tenant) -> AsyncIterator[GraphServiceClient]:
    context = ssl.create_default_context(cafile=str(shared_tenant.ca))
    async with httpx.AsyncClient(verify=context, follow_redirects=True, trust_env=False) as http:
        adapter = GraphRequestAdapter(Bearer(Token(shared_tenant.token(HELEN))), http)
        adapter.base_url = f"{shared_tenant.address}/v1.0"
        yield GraphServiceClient(request_adapter=adapter)


async def test_msgraph_sdk_makes_a_library_uploads_and_reads_it_back(helen):
    site = await helen.sites.by_site_id("root").get()
    made = await helen.sites.by_site_id(site.id).lists.post(
        GraphList(display_name="Papers", list_=ListInfo(template="documentLibrary"))
    )
    drive = await helen.sites.by_site_id(site.id).lists.by_list_id(made.id).drive.get()
    items = helen.drives.by_drive_id(drive.id).items
    file = await items.by_drive_item_id("root:/a b.docx:").content.put(b"hello")
    assert await items.by_drive_item_id(file.id).content.get() == b"hello"
    renamed = await items.by_drive_item_id(file.id).patch(DriveItem(name="c.docx"))
    assert renamed.name == "c.docx"
    await items.by_drive_item_id(file.id).checkout.post()
    await items.by_drive_item_id(file.id).checkin.post(
        CheckinPostRequestBody(comment="v", check_in_as="published")
    )
    versions = await items.by_drive_item_id(file.id).versions.get()
    assert [version.id for version in versions.value] == ["2.0", "1.0"]


async def test_msgraph_sdk_follows_delta_links(helen):
    site = await helen.sites.by_site_id("root").get()
    made = await helen.sites.by_site_id(site.id).lists.post(
        GraphList(display_name="Register", list_=ListInfo(template="genericList"))
    )
    items = helen.sites.by_site_id(site.id).lists.by_list_id(made.id).items
    page = await items.delta.get()
    assert page.value == []
    await items.post(ListItem(fields=FieldValueSet(additional_data={"Title": "One"})))
    page = await items.delta.with_url(page.odata_delta_link).get()
    assert [item.id for item in page.value] == ["1"]
    with pytest.raises(ODataError) as caught:
        await items.delta_with_token("nonsense").get()
    assert caught.value.response_status_code == 400


def test_a_colleague_without_rights_is_refused_by_the_door(shared_tenant):
    sam = shared_tenant.http(SAM)
    assert sam.get("/v1.0/sites/root/lists").status_code == 403
    assert shared_tenant.httpx().get("/v1.0/sites/root").status_code == 401


def test_a_download_address_needs_no_token(shared_tenant):
    client = shared_tenant.http(HELEN)
    client.put("/v1.0/sites/root/drive/root:/x y.txt:/content", content=b"text").raise_for_status()
    where = client.get("/v1.0/sites/root/drive/root:/x%20y.txt:/content").headers["Location"]
    plain = shared_tenant.httpx()
    assert plain.get(where).content == b"text"
    url = client.post("/v1.0/sites/root/drive/root:/big.bin:/createUploadSession", json={}).json()[
        "uploadUrl"
    ]
    done = plain.put(url, content=b"abc", headers={"Content-Range": "bytes 0-2/3"})
    assert (done.status_code, done.json()["size"]) == (201, 3)


def _recorded():
    path = CONTRACT / "client-requests.jsonl"
    if not path.exists():
        return []
    found = {
        (request["method"], urlsplit(request["path"]).path)
        for line in path.read_text(encoding="utf-8").splitlines()
        for request in json.loads(line)["requests"]
        if request["path"].startswith(tuple(f"/v1.0/{name}/" for name in OURS))
    }
    return sorted(found)


RECORDED = _recorded()


@pytest.mark.skipif(
    not RECORDED, reason="the recorded client requests (../shared/contract) are not here"
)
@pytest.mark.parametrize(("method", "path"), RECORDED)
def test_every_request_the_clients_were_seen_to_send_has_a_route(method, path):
    router = GraphRouter(routes_of(graph_package))
    assert router.find(method, unquote(path).removeprefix("/v1.0")), path


@pytest.mark.skipif(not CONTRACT.exists(), reason="the contract (../shared/contract) is not here")
def test_answers_in_these_tests_are_held_against_microsofts_schema(contract):
    assert contract.contract.match("GET", "/v1.0/sites/root/lists/L/items/1/fields")[0]
