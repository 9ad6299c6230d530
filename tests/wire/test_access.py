"""Containing a document: who could open it before cannot after, and all of it can be undone."""

import json
from dataclasses import replace

import pytest

from sync.errors import Refused
from sync.model import Person
from sync.tenant import access, documents
from sync.tenant.access import Circle
from sync.tenant.meter import metered
from tests import tenant_kit
from tests.wire.test_documents import document_of

OWNERS, READERS = "Test Owners", "Test Visitors"


@pytest.fixture
def helen():
    return Person("", "Helen Ward", tenant_kit.HELEN)


def can_open(place, where, document, who):
    path = f"/v1.0/drives/{where.drive_id}/items/{document.drive_item_id}"
    return place.wire.http(who).get(path).status_code == 200


def share(place, where, document, who):
    """Let a colleague in by a link of the organisation, and by name."""
    path = f"/drives/{where.drive_id}/items/{document.drive_item_id}"
    place.ask("POST", f"{path}/createLink", {"type": "view", "scope": "organization"})
    invite = {"recipients": [{"email": who}], "roles": ["read"], "requireSignIn": True,
              "sendInvitation": False, "retainInheritedPermissions": True}  # fmt: skip
    place.ask("POST", f"{path}/invite", invite)


async def uploaded(tenant, place, name):
    item_id = place.upload(place.open, name, who=tenant_kit.HELEN)
    return await document_of(tenant, place.open, item_id)


async def test_an_inheriting_document_has_the_audience_of_its_library(granted, place):
    document = await uploaded(granted, place, "open.txt")
    with metered() as bill:
        seen = await access.audience(granted, place.open, document)
    assert not seen.unique
    assert seen.links == ()
    assert {grant.title for grant in seen.grants} >= {OWNERS, READERS}
    assert bill.by_operation["_api Items"] == 5
    assert sum(name.startswith("GET") for name in bill.by_operation) == 0  # no link, no question


async def author(tenant, place, document):
    """The uploader's number on the site, as the feed tells it."""
    return (await documents.fields(tenant, place.open, document.item_id))["AuthorLookupId"]


async def test_containing_an_upload_costs_one_look_and_one_request(granted, place):
    first = await uploaded(granted, place, "warm.txt")
    circle = Circle((OWNERS, READERS), (first.created_by,))
    await access.contain(granted, place.open, first, circle)
    document = await uploaded(granted, place, "cheap.txt")
    document = replace(document, fields={"AuthorLookupId": await author(granted, place, document)})
    with metered() as bill:
        assert await access.contain(granted, place.open, document, circle)
    assert (bill.units, bill.requests) == (5 + 10 + 3 * 5, 2)
    assert can_open(place, place.open, document, tenant_kit.HELEN)


async def test_a_group_made_anew_is_found_again(granted, place, helen):
    granted.group_ids[place.open.site_url, OWNERS] = 99999
    document = await uploaded(granted, place, "anew.txt")
    assert await access.contain(granted, place.open, document, Circle((OWNERS,), (helen,)))
    seen = await access.audience(granted, place.open, document)
    assert OWNERS in {grant.title for grant in seen.grants}


async def test_an_uploader_the_site_no_longer_knows_is_passed_over(granted, place):
    document = await uploaded(granted, place, "stranger.txt")
    gone = replace(
        document,
        created_by=Person("x", "Nobody", "nobody@dgft.nhs.example"),
        fields={"AuthorLookupId": "99999"},
    )
    circle = Circle((OWNERS,), (gone.created_by,))
    assert await access.contain(granted, place.open, gone, circle)
    assert (await access.audience(granted, place.open, document)).unique


async def test_a_colleague_who_was_let_in_is_refused_after(granted, place, helen):
    document = await uploaded(granted, place, "tender.txt")
    share(place, place.open, document, tenant_kit.SAM)
    assert can_open(place, place.open, document, tenant_kit.SAM)
    before = await access.contain(granted, place.open, document, Circle((OWNERS,), (helen,)))
    assert not can_open(place, place.open, document, tenant_kit.SAM)
    assert can_open(place, place.open, document, tenant_kit.HELEN)
    seen = await access.audience(granted, place.open, document)
    assert seen.unique
    assert seen.links == ()
    assert len(before["links"]) >= 1
    assert json.loads(json.dumps(before)) == before


async def test_containing_again_does_nothing(granted, place, helen):
    document = await uploaded(granted, place, "twice.txt")
    assert await access.contain(granted, place.open, document, Circle((OWNERS, READERS), (helen,)))
    facts = await documents.file_facts(granted, place.open, document.item_id)
    assert (
        await access.contain(granted, place.open, document, Circle((OWNERS, READERS), (helen,)))
        is None
    )
    after = await documents.file_facts(granted, place.open, document.item_id)
    assert after.etag == facts.etag


async def test_a_document_shared_anew_is_contained_anew(granted, place, helen):
    document = await uploaded(granted, place, "again.txt")
    await access.contain(granted, place.open, document, Circle((OWNERS,), (helen,)))
    share(place, place.open, document, tenant_kit.SAM)
    assert await access.contain(granted, place.open, document, Circle((OWNERS,), (helen,)))
    assert not can_open(place, place.open, document, tenant_kit.SAM)


async def test_the_audience_can_be_given_back(granted, place, helen):
    document = await uploaded(granted, place, "undone.txt")
    first = await access.audience(granted, place.open, document)
    before = await access.contain(granted, place.open, document, Circle((OWNERS,), (helen,)))
    await access.restore(granted, place.open, document.item_id, before)
    assert await access.audience(granted, place.open, document) == first


async def test_an_audience_of_its_own_can_be_given_back(granted, place, helen):
    document = await uploaded(granted, place, "own.txt")
    await access.contain(granted, place.open, document, Circle((OWNERS, READERS), (helen,)))
    before = await access.contain(granted, place.open, document, Circle((OWNERS,), (helen,)))
    await access.restore(granted, place.open, document.item_id, before)
    seen = await access.audience(granted, place.open, document)
    assert seen.unique
    assert READERS in {grant.title for grant in seen.grants}


async def test_somebody_who_left_is_passed_over(granted, place, helen):
    document = await uploaded(granted, place, "left.txt")
    gone = Person("x", "Nobody", "nobody@dgft.nhs.example")
    await access.contain(granted, place.open, document, Circle((OWNERS,), (helen, gone, Person())))
    seen = await access.audience(granted, place.open, document)
    assert seen.unique


async def test_a_locked_document_is_contained_all_the_same(granted, place, wire, helen):
    document = await uploaded(granted, place, "edited.txt")
    body = {"unique_id": document.unique_id, "upn": tenant_kit.SAM, "seconds": 600}
    wire.local("POST", "/lock", body)
    assert await access.contain(granted, place.open, document, Circle((OWNERS,), (helen,)))


async def test_a_library_tells_whether_it_inherits(granted, place):
    assert not await access.list_is_unique(granted, place.open)


async def test_a_site_is_granted_once(provisioner, place):
    await access.grant_site(provisioner, place.id, tenant_kit.ENFORCER, "enforcer")
    again = await access.grant_site(provisioner, place.id, tenant_kit.ENFORCER, "enforcer")
    assert not again


async def test_an_app_cannot_grant_itself_a_site(enforcer, place):
    with pytest.raises(Refused):
        await access.grant_site(enforcer, place.id, tenant_kit.ENFORCER, "enforcer", "owner")
