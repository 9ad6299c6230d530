"""Delivery: something is told after a change, again when it failed, and after a kill."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from tests.tenant_kit import HELEN, TENANT_ID, spawn
from tests.webhook_kit import Webhook

FOUR_HOURS = 4 * 3600


@pytest.fixture
def hook():
    with Webhook() as hook:
        yield hook


class Library:
    """The root site's library, watched by one subscription."""

    def __init__(self, tenant, hook, **headers):
        self.client = tenant.http("provisioner")
        site = self.client.get("/v1.0/sites/root").json()["id"]
        drive = self.client.get(f"/v1.0/sites/{site}/drive").json()["id"]
        self.root = f"/v1.0/drives/{drive}/root"
        asked = {
            "changeType": "updated", "notificationUrl": hook.url, "clientState": "k1.s",
            "resource": f"drives/{drive}/root",
            "expirationDateTime": (datetime.now(UTC) + timedelta(days=3)).isoformat(),
        }  # fmt: skip
        reply = self.client.post("/v1.0/subscriptions", json=asked, headers=headers)
        assert reply.status_code == 201, reply.text
        self.subscription = reply.json()

    def upload(self, name="a.txt"):
        reply = self.client.put(f"{self.root}:/{name}:/content", content=b"text")
        assert reply.status_code in (200, 201), reply.text
        return reply.json()


def test_a_change_is_told_without_saying_what_changed(tenant, hook):
    library = Library(tenant, hook)
    library.upload()
    (notice,) = hook.next()
    assert notice.pop("resourceData", None) in (None, {"@odata.type": "#Microsoft.Graph.ListItem"})
    assert notice == {
        "subscriptionId": library.subscription["id"],
        "subscriptionExpirationDateTime": library.subscription["expirationDateTime"],
        "clientState": "k1.s",
        "changeType": "updated",
        "resource": library.subscription["resource"],
        "tenantId": TENANT_ID,
    }


def test_a_refused_call_tells_nothing(tenant, hook):
    library = Library(tenant, hook)
    library.client.patch(f"{library.root}:/nothing.txt:", json={"name": "b.txt"})
    tenant.local("POST", "/deliver")
    assert hook.quiet


def test_reading_tells_nothing(tenant, hook):
    library = Library(tenant, hook)
    library.client.get(f"{library.root}/children")
    tenant.local("POST", "/deliver")
    assert hook.quiet


def test_a_failed_delivery_is_tried_again_with_growing_gaps(tenant, hook):
    library = Library(tenant, hook)
    hook.status = 500
    library.upload()
    hook.next()
    tenant.local("POST", "/deliver")
    assert hook.quiet  # not due yet
    for gap in (15, 30, 60):
        tenant.advance(gap + 1)
        hook.next()
        tenant.local("POST", "/deliver")  # returns when the failure is settled
    hook.status = 202
    tenant.advance(121)
    hook.next()
    tenant.local("POST", "/deliver")
    assert tenant.local("GET", "/subscriptions")["outbox"] == []
    statuses = [each["status"] for each in tenant.local("GET", "/deliveries")["value"]]
    assert statuses == [500, 500, 500, 500, 202]


def test_after_four_hours_a_notification_is_given_up(tenant, hook):
    library = Library(tenant, hook)
    hook.status = 500
    library.upload()
    hook.next()
    tenant.local("POST", "/deliver")
    tenant.advance(FOUR_HOURS + 1)
    hook.next()
    tenant.local("POST", "/deliver")
    assert tenant.local("GET", "/subscriptions")["outbox"] == []


def test_a_notification_can_be_lost(tenant, hook):
    library = Library(tenant, hook)
    tenant.fault({"kind": "drop"}, match={"surface": "notification"})
    library.upload()
    tenant.local("POST", "/deliver")
    assert hook.quiet
    library.upload("b.txt")
    assert len(hook.next()) == 1


def test_a_notification_can_come_twice(tenant, hook):
    library = Library(tenant, hook)
    tenant.fault({"kind": "double"}, match={"surface": "notification"})
    library.upload()
    assert [each["subscriptionId"] for each in hook.next()] == [library.subscription["id"]] * 2


def test_a_notification_can_be_hours_late(tenant, hook):
    library = Library(tenant, hook)
    tenant.fault({"kind": "late", "seconds": 7200}, match={"surface": "notification"})
    library.upload()
    tenant.local("POST", "/deliver")
    assert hook.quiet
    tenant.advance(7201)
    assert len(hook.next()) == 1


def test_a_subscription_can_be_lost_in_silence(tenant, hook):
    library = Library(tenant, hook)
    tenant.local("DELETE", f"/subscriptions/{library.subscription['id']}")
    library.upload()
    tenant.local("POST", "/deliver")
    assert hook.quiet
    assert library.client.get("/v1.0/subscriptions").json()["value"] == []


@pytest.mark.parametrize("security", [True, False])
def test_only_a_security_webhook_hears_of_permissions(tenant, hook, security):
    headers = {"Prefer": "includesecuritywebhooks"} if security else {}
    library = Library(tenant, hook, **headers)
    item = library.upload()
    hook.next()
    sharing = {
        "recipients": [{"email": HELEN}], "roles": ["read"], "requireSignIn": True,
        "sendInvitation": False, "retainInheritedPermissions": True,
    }  # fmt: skip
    drive = item["parentReference"]["driveId"]
    reply = library.client.post(f"/v1.0/drives/{drive}/items/{item['id']}/invite", json=sharing)
    assert reply.status_code == 200, reply.text
    tenant.local("POST", "/deliver")
    assert hook.quiet != security


def test_what_was_not_delivered_survives_a_kill(tmp_path, certificates, hook):
    for pem in certificates.glob("*.pem"):
        shutil.copy(pem, tmp_path)
    first = spawn(tmp_path)
    library = Library(first.tenant, hook)
    hook.status = 503
    library.upload()
    hook.next()
    first.process.kill()
    first.process.communicate()
    hook.status = 202
    second = spawn(tmp_path)
    second.tenant.advance(60)
    assert len(hook.next()) == 1
    first.tenant.close()
    second.tenant.close()
