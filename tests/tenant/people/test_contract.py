"""Every answer about people, mail, batches and subscriptions fits Microsoft's own schema."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.tenant_kit import HELEN, NOTICES, SAM
from tests.webhook_kit import Webhook


@pytest.fixture
def check(tenant):
    """Call as an app; tests/contract_kit.py holds every answer against Microsoft's schema."""
    clients = {}

    def call(method, url, body=None, who="provisioner"):
        client = clients.setdefault(who, tenant.http(who))
        reply = client.request(method, url, json=body)
        assert reply.status_code < 300, reply.text
        return reply.json() if reply.content else None

    return call


def test_people_and_groups(check):
    check("GET", "/v1.0/users")
    check("GET", f"/v1.0/users/{HELEN}?$select=id,displayName,userType,accountEnabled")
    check("GET", f"/v1.0/users/{HELEN}/memberOf")
    check("GET", "/v1.0/organization")
    check("GET", "/v1.0/me", who=HELEN)
    group = check("GET", "/v1.0/groups")["value"][0]["id"]
    check("GET", f"/v1.0/groups/{group}")
    check("GET", f"/v1.0/groups/{group}/members")
    check("GET", f"/v1.0/groups/{group}/owners")
    new = {"displayName": "N", "mailNickname": "n", "mailEnabled": False, "securityEnabled": True}
    check("POST", "/v1.0/groups", new)


def test_mail(check):
    message = {"subject": "s", "toRecipients": [{"emailAddress": {"address": SAM}}]}
    check("POST", f"/v1.0/users/{NOTICES}/sendMail", {"message": message}, who="enforcer")


def test_batches(check):
    parts = [{"id": "1", "method": "GET", "url": f"/users/{SAM}"}]
    check("POST", "/v1.0/$batch", {"requests": parts})


def test_subscriptions(check):
    site = check("GET", "/v1.0/sites/root")["id"]
    row = check("GET", f"/v1.0/sites/{site}/lists")["value"][0]["id"]
    with Webhook() as hook:
        asked = {
            "changeType": "updated", "notificationUrl": hook.url, "clientState": "s",
            "resource": f"sites/{site}/lists/{row}",
            "expirationDateTime": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        }  # fmt: skip
        made = check("POST", "/v1.0/subscriptions", asked)["id"]
    check("GET", "/v1.0/subscriptions")
    check("GET", f"/v1.0/subscriptions/{made}")
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    check("PATCH", f"/v1.0/subscriptions/{made}", {"expirationDateTime": later})
    check("POST", f"/v1.0/subscriptions/{made}/reauthorize")
    check("DELETE", f"/v1.0/subscriptions/{made}")


def test_a_refusal_fits_too(tenant):
    assert tenant.http("provisioner").get("/v1.0/users/nobody").status_code == 404
