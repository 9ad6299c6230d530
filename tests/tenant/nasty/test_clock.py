"""Time passes at the tenant's word: nothing here waits for it."""

from __future__ import annotations

import pytest

from tests.tenant_kit import HELEN, HOST, SAM

HOUR, DAY = 3_600, 86_400


@pytest.fixture
def guid(library):
    item = library.upload("a.txt")
    shown = library.ok("GET", f"{library.drive}/items/{item['id']}?$select=sharepointIds")
    return shown["sharepointIds"]["listItemUniqueId"]


def test_retries_follow_the_clock_until_four_hours_have_passed(tenant, library, hook):
    library.subscribe(hook)
    tenant.fault({"kind": "refuse", "status": 500}, match={"surface": "delivery"}, count=None)
    library.upload("a.txt")
    for _ in range(56):
        library.tell()
        tenant.advance(5 * 60)
    library.tell()
    tries = tenant.local("GET", "/deliveries")["value"]
    assert 8 <= len(tries) <= 20  # growing gaps, at most half an hour
    assert tenant.local("GET", "/subscriptions")["outbox"] == []


def test_a_slow_receiver_is_held_back_and_a_dead_one_loses_notifications(tenant, library, hook):
    library.subscribe(hook)
    tenant.fault({"kind": "delay", "seconds": 2.999}, match={"surface": "delivery"}, count=2)
    slow = {"kind": "delay", "seconds": 9}
    tenant.fault(slow, match={"surface": "delivery"}, count=8)
    for number in range(10):
        library.upload(f"{number}.txt")
        library.tell()
    tries = [each["seconds"] for each in tenant.local("GET", "/deliveries")["value"]]
    assert len(tries) == 10
    while not hook.quiet:
        pass
    library.upload("held.txt")
    library.tell()
    assert hook.quiet
    assert tenant.local("GET", "/subscriptions")["outbox"]
    tenant.advance(10 * 60 + 1)
    library.tell()
    assert hook.next()


def test_notifications_to_a_dead_receiver_are_dropped_for_ten_minutes(tenant, library, hook):
    library.subscribe(hook)
    tenant.fault({"kind": "delay", "seconds": 60}, match={"surface": "delivery"}, count=None)
    for number in range(12):
        library.upload(f"{number}.txt")
        library.tell()
        tenant.advance(16)
    assert tenant.local("GET", "/subscriptions")["outbox"] == []
    tenant.local("DELETE", "/faults")
    library.upload("lost.txt")
    library.tell()
    assert tenant.local("GET", "/subscriptions")["outbox"] == []
    assert hook.quiet
    tenant.advance(10 * 60 + 1)
    library.upload("heard.txt")
    assert hook.next()


def test_a_lock_ends_by_the_clock(tenant, library, guid):
    tenant.local("POST", "/lock", {"unique_id": guid, "upn": SAM, "seconds": HOUR})
    assert library.write("a.txt", VersionLabel="V1").status_code == 423
    tenant.advance(HOUR + 1)
    assert library.write("a.txt", VersionLabel="V1").status_code == 200


def test_a_download_address_lapses_after_an_hour(tenant, library, guid):
    where = library.ask("GET", f"{library.drive}/root:/a.txt:/content").headers["location"]
    assert tenant.httpx().get(where).content == b"text"
    tenant.advance(HOUR + 1)
    assert tenant.httpx().get(where).status_code == 401
    assert guid


def test_an_upload_session_lapses(tenant, library):
    path = f"{library.drive}/root:/big.bin:/createUploadSession"
    url = library.ok("POST", path, json={})["uploadUrl"]
    first = 320 * 1024
    part = {"Content-Range": f"bytes 0-{first - 1}/{first + 5}"}
    assert tenant.httpx().put(url, content=bytes(first), headers=part).status_code == 202
    tenant.advance(31 * DAY)
    rest = {"Content-Range": f"bytes {first}-{first + 4}/{first + 5}"}
    assert tenant.httpx().put(url, content=b"67890", headers=rest).status_code == 404


def test_a_throttled_minute_passes_by_the_clock(tenant, library):
    effect = {"kind": "refuse", "status": 429, "retry_after": "60"}
    tenant.fault(effect, count=None, window={"lasts": 60})
    assert library.ask("GET", "/sites/root").status_code == 429
    tenant.advance(61)
    assert library.ask("GET", "/sites/root").status_code == 200


def test_a_token_lapses_as_a_fault_and_a_fresh_one_is_good(tenant, library):
    tenant.fault({"kind": "lapse"})
    lapsed = library.ask("GET", "/sites/root")
    assert (lapsed.status_code, lapsed.headers["www-authenticate"][:6]) == (401, "Bearer")
    assert tenant.http(HELEN).get("/v1.0/sites/root").status_code == 200
    tenant.advance(30 * DAY)  # tokens live in real time: the auth libraries cache by it
    assert library.ask("GET", "/sites/root").status_code == 200


def test_a_fault_strikes_in_its_window_only(tenant, library):
    tenant.fault({"kind": "refuse", "status": 503}, count=None,
                 window={"starts_in": 100, "lasts": 50})  # fmt: skip
    statuses = []
    for step in (0, 99, 20, 40):
        tenant.advance(step)
        statuses.append(library.ask("GET", "/sites/root").status_code)
    assert statuses == [200, 200, 503, 200]
    (book,) = tenant.local("GET", "/faults")["value"]
    assert (book["seen"], book["used"]) == (1, 1)


def test_a_list_webhook_of_sharepoints_own_is_tried_five_times_more_and_then_dropped(
    tenant, library, hook
):
    order = {"resource": f"https://{HOST}/_api/web/lists('{library.id}')", "clientState": "k1.s",
             "notificationUrl": hook.url}  # fmt: skip
    made = library.rest_ask(f"/web/lists(guid'{library.id}')/subscriptions", order)
    assert made.status_code == 201, made.text
    library.upload("a.txt")
    (notice,) = hook.next()
    assert (notice["resource"], notice["clientState"]) == (library.id, "k1.s")
    assert {"subscriptionId", "expirationDateTime", "tenantId", "webId", "siteUrl"} <= set(notice)
    tenant.fault({"kind": "drop"}, match={"surface": "delivery"}, count=None)
    library.upload("b.txt")
    for _ in range(7):
        library.tell()
        tenant.advance(5 * 60 + 1)
    assert len(tenant.local("GET", "/deliveries")["value"]) == 1 + 6
    assert tenant.local("GET", "/subscriptions")["outbox"] == []
