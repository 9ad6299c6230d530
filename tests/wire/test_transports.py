"""Names stay real on every wire: URL, Host, TLS name, User-Agent; strangers are not spoken to."""

import asyncio

import httpx
import pytest
import requests
from azure.identity import ManagedIdentityCredential

from sync.errors import Missing, Rejected, Unavailable
from sync.tenant import meter, rest
from sync.tenant.addresses import Address, Addresses
from sync.tenant.credentials import credential_maker
from sync.tenant.meter import metered
from sync.tenant.shapes import ChangedItem, DriveItem, FileFacts, Parent, bare, server_path
from sync.tenant.transports import async_client, async_transport, session
from tests.wire.conftest import settings_for

AGENT = "NONISV|WMIN|Verger/0.1.0"
LOGIN = "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"


@pytest.fixture
def addresses(wire):
    where = Address.parse(wire.address.removeprefix("https://"))
    hosts = ("login.microsoftonline.com", "graph.microsoft.com", "wmin.sharepoint.com")
    return Addresses(dict.fromkeys(hosts, where), wire.ca)


def test_requests_reaches_a_mapped_host_under_its_real_name(addresses):
    with session(addresses, AGENT) as one:
        answer = one.get(LOGIN, timeout=5)
    assert answer.ok
    assert answer.request.headers["Host"] == "login.microsoftonline.com"
    assert answer.request.headers["User-Agent"] == AGENT


async def test_aiohttp_reaches_a_mapped_host_under_its_real_name(addresses):
    transport = async_transport(addresses)
    answer = await async_client(transport, AGENT).get(LOGIN)
    await transport.aclose()
    assert answer.is_success
    assert answer.request.url.host == "login.microsoftonline.com"
    assert answer.request.headers["User-Agent"] == AGENT


def test_requests_speaks_to_no_stranger_while_hosts_are_mapped(addresses):
    with (
        session(addresses, AGENT) as one,
        pytest.raises(requests.exceptions.InvalidURL, match="is not one of the hosts"),
    ):
        one.get("https://example.org/", timeout=5)


async def test_aiohttp_speaks_to_no_stranger_while_hosts_are_mapped(addresses):
    transport = async_transport(addresses)
    with pytest.raises(httpx.TransportError, match=r"example\.org"):
        await async_client(transport, AGENT).get("https://example.org/")
    await transport.aclose()


def test_a_certificate_is_checked_by_the_real_name(wire):
    where = Address.parse(wire.address.removeprefix("https://"))
    wrong = Addresses({"not-ours.example": where}, wire.ca)
    with session(wrong, AGENT) as one, pytest.raises(requests.exceptions.SSLError):
        one.get("https://not-ours.example/", timeout=5)


def test_nothing_is_mapped_in_the_cloud():
    cloud = Addresses()
    assert cloud.find("graph.microsoft.com") is None
    assert not cloud.mapped


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:8443", Address("127.0.0.1", 8443)), ("proxy.local", Address("proxy.local", 443))],
)
def test_an_address_is_read_with_or_without_its_port(text, address):
    assert Address.parse(text) == address


def test_without_a_certificate_the_managed_identity_is_used(wire, addresses):
    settings = settings_for(wire, "enforcer", certificate=None, managed_identity="abc")
    credential = credential_maker(settings, addresses)()
    assert isinstance(credential, ManagedIdentityCredential)
    credential.close()


async def test_each_wire_carries_our_user_agent(granted, place, monkeypatch):
    seen = []
    original = granted.graph._native  # noqa: SLF001 - to see what leaves the process

    async def watched(information):
        answer = await original(information)
        seen.append(answer.request.headers["User-Agent"])
        return answer

    monkeypatch.setattr(granted.graph, "_native", watched)
    await granted.graph.get(f"/sites/{place.id}", dict, doing="read the site")

    def look(context):
        request = context.pending_request()
        context.load(context.web, ["Title"])
        context.execute_query()
        return request.transport._current_session().headers["User-Agent"]  # noqa: SLF001 - as above

    seen.append(await granted.sharepoint.call(place.url, look, doing="look"))
    assert all(one.startswith(AGENT) for one in seen)


async def test_a_context_that_failed_is_left_behind(granted, place):
    """What a failed run left in the client's queue must not be sent with the next one."""

    def fail(context):
        context.load(context.web.lists.get_by_id("00000000-0000-0000-0000-000000000000"))
        context.load(context.web, ["Title"])
        context.execute_query()

    def look(context):
        assert not context.has_pending_request
        context.load(context.web, ["Title"])
        context.execute_query()
        return context.web.properties["Title"]

    for _ in range(3):
        with pytest.raises(Missing):
            await granted.sharepoint.call(place.url, fail, doing="fail")
        assert await granted.sharepoint.call(place.url, look, doing="look") == "Test"


async def test_an_expired_digest_is_replaced_without_a_word(granted, place, wire):
    def look(context):
        context.load(context.web, ["Title"])
        context.execute_query()

    await granted.sharepoint.call(place.url, look, doing="look")
    wire.fault(
        {"kind": "refuse", "status": 403, "hresult": -2130575251, "code": "digest"},
        match={"surface": "sharepoint", "path": "Web"},
    )
    with metered() as bill:
        await granted.sharepoint.call(place.url, look, doing="look")
    assert "_api contextInfo" in bill.by_operation


async def test_an_expired_digest_is_replaced_where_the_refusal_is_plain_json_too(
    granted, place, wire
):
    await rest.read(granted, place.url, "web?$select=Title", doing="look")
    wire.fault(
        {"kind": "refuse", "status": 403, "hresult": -2130575251, "code": "digest"},
        match={"surface": "sharepoint", "path": "web$"},
    )
    with metered() as bill:
        found = await rest.read(granted, place.url, "web?$select=Title", doing="look")
    assert found["Title"] == "Test"
    assert "_api contextInfo" in bill.by_operation


async def test_many_threads_work_side_by_side_on_one_bill(granted, place):
    def look(context):
        context.load(context.web, ["Title"])
        context.execute_query()

    with metered() as bill:
        calls = (granted.sharepoint.call(place.url, look, doing="look") for _ in range(24))
        await asyncio.gather(*calls)
    assert bill.by_operation["_api Web"] == 24 * meter.REST


async def test_a_broken_connection_to_sharepoint_is_tried_again(granted, place, wire):
    wire.fault({"kind": "drop"}, match={"surface": "sharepoint"})
    item_id = place.upload(place.open, "dropped.txt")

    def look(context):
        item = context.web.lists.get_by_id(place.open.id).get_item_by_id(int(item_id))
        context.load(item, ["Id"])
        context.execute_query()
        return item.properties["Id"]

    assert await granted.sharepoint.call(place.url, look, doing="look") == int(item_id)
    wire.fault({"kind": "drop", "after": True}, match={"surface": "sharepoint"})
    with pytest.raises(Unavailable) as caught:
        await granted.sharepoint.call(place.url, look, doing="look", repeatable=False)
    assert caught.value.maybe_done


@pytest.mark.parametrize("etag", ['"{6A1F},4"', '"6a1f,4"', 'W/"6a1f,4"', "6a1f,4"])
def test_an_etag_has_one_spelling(etag):
    assert bare(etag) == "6a1f,4"


def test_a_file_s_folder_and_path_are_decoded():
    path = "/drives/d/root:/Old%20minutes/2025"
    file = DriveItem(id="1", name="a", parent_reference=Parent(path=path))
    assert file.folder == "Old minutes/2025"
    assert server_path("https://h.example/sites/a/Docs/a%20b.docx") == "/sites/a/Docs/a b.docx"


def test_an_item_without_a_time_is_no_file():
    with pytest.raises(Rejected, match="lastModifiedDateTime"):
        FileFacts.of(ChangedItem(id="7"), DriveItem(id="1", name="a"))
