"""Field notes about what is told and when: subscriptions, notifications, first events."""

from __future__ import annotations

import pytest

from tests.tenant.nasty.nasty_kit import line
from tests.tenant_kit import HELEN

DAY = 86_400
HOUR = 3_600


@line("Subscriptions vanish or expire unnoticed")
def test_a_subscription_vanishes_with_its_notification(tenant, library, hook):
    tenant.fault({"kind": "vanish"}, match={"surface": "notification"})
    assert library.subscribe(hook).status_code == 201
    library.upload("a.txt")
    library.tell()
    assert hook.quiet
    assert library.ok("GET", "/subscriptions")["value"] == []
    assert library.used() == [1]


@line("Subscriptions vanish or expire unnoticed")
def test_a_subscription_expires_by_the_tenants_clock_and_nobody_is_told(tenant, library, hook):
    library.subscribe(hook, days=1)
    tenant.advance(DAY + 1)
    library.upload("a.txt")
    library.tell()
    assert hook.quiet
    assert library.ok("GET", "/subscriptions")["value"] == []


@line("Notifications missed, late, doubled, batched, out of order")
@pytest.mark.parametrize(
    ("effect", "told"),
    [({"kind": "drop"}, (0, 0)), ({"kind": "late", "seconds": 3 * HOUR}, (0, 1)),
     ({"kind": "double"}, (2, 0))],
)  # fmt: skip
def test_a_notification_is_missed_late_or_doubled(tenant, library, hook, effect, told):
    told_at_once, told_later = told
    library.subscribe(hook)
    tenant.fault(effect, match={"surface": "notification", "path": library.id})
    library.upload("a.txt")
    library.tell()
    if told_at_once:
        assert len(hook.next()) == told_at_once
    assert hook.quiet
    tenant.advance(3 * HOUR)
    library.tell()
    if told_later:
        assert len(hook.next()) == told_later
    assert hook.quiet
    assert library.used() == [1]


@line("Notifications missed, late, doubled, batched, out of order")
def test_notifications_of_a_minute_come_in_one_call(tenant, library, hook):
    library.subscribe(hook)
    tenant.local("POST", "/settings", {"delivery_batch": 60})
    for name in ("a.txt", "b.txt", "c.txt"):
        library.upload(name)
        library.tell()
    assert hook.quiet
    tenant.advance(61)
    assert len(hook.next()) == 3
    library.tell()
    assert hook.quiet


@line("Notifications missed, late, doubled, batched, out of order")
def test_notifications_of_two_lists_come_out_of_order(tenant, library, hook):
    other = type(library)(tenant, "Working documents")
    library.subscribe(hook)
    other.subscribe(hook)
    tenant.local("POST", "/settings", {"delivery_batch": 1})
    tenant.fault({"kind": "reorder"}, match={"surface": "notification", "path": library.id})
    library.upload("first.txt")
    library.tell()
    other.upload("second.txt")
    tenant.advance(2)
    told = hook.next()
    assert [other.id in each["resource"] for each in told] == [True, False]


@line("Notifications missed, late, doubled, batched, out of order")
def test_a_service_that_failed_backs_off_for_hours_and_then_gives_up(tenant, library, hook):
    tenant.local("POST", "/settings", {"delivery_backoff": "hours"})
    library.subscribe(hook, days=29)
    tenant.fault({"kind": "refuse", "status": 503}, match={"surface": "delivery"}, count=None)
    library.upload("a.txt")
    library.tell()
    for tries, hours in enumerate((1, 2, 5, 13, 28, 57), start=1):
        assert len(tenant.local("GET", "/deliveries")["value"]) == tries
        tenant.advance(hours * HOUR - 60)
        library.tell()
        assert len(tenant.local("GET", "/deliveries")["value"]) == tries
        tenant.advance(61)
        library.tell()
    assert len(tenant.local("GET", "/deliveries")["value"]) == 7
    assert tenant.local("GET", "/subscriptions")["outbox"] == []


@line("Cold start fails the handshake")
@pytest.mark.parametrize(
    "effect",
    [{"kind": "delay", "seconds": 11}, {"kind": "drop"}, {"kind": "refuse", "status": 503}],
)
def test_a_cold_receiver_fails_the_handshake_and_a_warm_one_passes(tenant, library, hook, effect):
    tenant.fault(effect, match={"surface": "handshake", "path": "/hook"})
    cold = library.subscribe(hook)
    assert (cold.status_code, cold.json()["error"]["code"]) == (400, "ValidationError")
    assert library.subscribe(hook).status_code == 201
    assert library.used() == [1]


@line("Own writes come back as changes")
def test_a_silent_update_is_told_and_comes_back_in_delta(library, hook):
    library.upload("a.txt")
    _, link = library.delta()
    library.subscribe(hook)
    number, before = library.item("a.txt")["id"], library.versions("a.txt")
    form = {"formValues": [{"FieldName": "VersionLabel", "FieldValue": "V1"}],
            "bNewDocumentUpdate": True}  # fmt: skip
    path = f"/web/lists(guid'{library.id}')/items({number})/ValidateUpdateListItem"
    assert library.rest_ask(path, form).status_code == 200
    assert len(hook.next()) == 1
    changed, _ = library.delta(link)
    assert [(item["id"], item["fields"]["VersionLabel"]) for item in changed] == [(number, "V1")]
    assert library.versions("a.txt") == before


@line("First event while the file has 0 bytes or is still uploading")
def test_the_first_event_of_an_upload_comes_at_0_bytes_and_the_content_later(tenant, library, hook):
    library.subscribe(hook)
    _, link = library.delta()
    tenant.fault({"kind": "quirk", "name": "content_late", "value": 60}, match={"method": "PUT"})
    begun = library.upload("a.txt", b"all of it")
    assert begun["size"] == 0
    hook.next()
    changed, link = library.delta(link)
    assert [item["fields"]["FileSizeDisplay"] for item in changed] == ["0"]
    tenant.advance(61)
    hook.next()
    there = library.ok("GET", f"{library.drive}/root:/a.txt")
    assert (there["size"], there["cTag"] == begun["cTag"]) == (9, False)
    assert [item["fields"]["FileSizeDisplay"] for item in library.delta(link)[0]] == ["9"]
    assert len(library.versions("a.txt")) == 1


@line("New libraries made by staff raise no event")
def test_a_library_made_by_staff_raises_no_event(library, hook):
    library.subscribe(hook)
    body = {"displayName": "Our own", "list": {"template": "documentLibrary"}}
    assert library.ask("POST", f"/sites/{library.site}/lists", HELEN, json=body).status_code == 201
    library.tell()
    assert hook.quiet
