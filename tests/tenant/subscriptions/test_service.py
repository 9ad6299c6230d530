"""The subscription service: handshake on the same call, floors and ceilings, whose it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local.tenant import tls
from tests.tenant_kit import ENFORCER, HELEN, PROVISIONER
from tests.webhook_kit import Webhook

SUBSCRIPTIONS = "/v1.0/subscriptions"


@pytest.fixture
def client(tenant):
    return tenant.http("provisioner")


@pytest.fixture
def guest(shared_tenant):
    """A client of the shared tenant, for what leaves no trace there."""
    return shared_tenant.http("provisioner")


@pytest.fixture
def hook():
    with Webhook() as hook:
        yield hook


def library(client) -> dict:
    site = client.get("/v1.0/sites/root").json()["id"]
    found = client.get(f"/v1.0/sites/{site}/lists").json()["value"]
    row = next(each for each in found if each["list"]["template"] == "documentLibrary")
    return {"site": site, "list": row["id"], "path": f"sites/{site}/lists/{row['id']}"}


def ahead(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def wish(client, hook, **change) -> dict:
    return {
        "changeType": "updated",
        "notificationUrl": hook.url,
        "resource": library(client)["path"],
        "expirationDateTime": ahead(2),
        "clientState": "k1.secret",
    } | change


def test_a_subscription_is_made_after_the_handshake(client, hook):
    reply = client.post(SUBSCRIPTIONS, json=wish(client, hook))
    assert reply.status_code == 201
    body = reply.json()
    assert hook.tokens[0].endswith("+/=")  # arrived decoded
    assert (body["applicationId"], body["clientState"]) == (PROVISIONER, "k1.secret")
    assert body["notificationUrl"] == hook.url  # with its query
    assert client.get(f"{SUBSCRIPTIONS}/{body['id']}").json() == body


@pytest.mark.parametrize("manner", ["encoded", "html", "refused"])
def test_a_wrong_handshake_keeps_nothing(guest, hook, manner):
    hook.handshake = manner
    reply = guest.post(SUBSCRIPTIONS, json=wish(guest, hook))
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "ValidationError")
    assert guest.get(SUBSCRIPTIONS).json()["value"] == []


def test_an_address_where_nobody_listens_is_400(guest, hook):
    silent = wish(guest, hook, notificationUrl="http://127.0.0.1:9/hook")
    assert guest.post(SUBSCRIPTIONS, json=silent).status_code == 400


def test_an_https_webhook_is_trusted_by_our_own_ca_only(tenant, client, tmp_path):
    for folder, status in ((tenant.data, 201), (tmp_path, 400)):
        certificate = tls.ensure_certificate(folder, "host", ("127.0.0.1", "localhost"))
        with Webhook(certificate=certificate) as secure:
            assert secure.url.startswith("https://")
            listening = client.get(SUBSCRIPTIONS).json()["value"]
            for each in listening:
                client.delete(f"{SUBSCRIPTIONS}/{each['id']}")
            reply = client.post(SUBSCRIPTIONS, json=wish(client, secure))
            assert reply.status_code == status


def test_the_lifecycle_address_is_validated_too(client, hook):
    asked = wish(client, hook, lifecycleNotificationUrl=hook.url + "&life=1")
    body = client.post(SUBSCRIPTIONS, json=asked).json()
    assert len(hook.tokens) == 2
    assert body["lifecycleNotificationUrl"] == asked["lifecycleNotificationUrl"]


@pytest.mark.parametrize(
    "change",
    [
        {"notificationUrl": "http://other.example/hook"},
        {"notificationUrl": "ftp://127.0.0.1/hook"},
        {"changeType": "created"},
        {"changeType": "updated,deleted"},
        {"changeType": None},
        {"resource": "drives/x/items/y"},
        {"resource": "me/messages"},
        {"includeResourceData": True},
        {"clientState": "x" * 129},
        {"expirationDateTime": ahead(29.5)},
        {"expirationDateTime": "soon"},
        {"surprise": 1},
    ],
)
def test_what_is_not_documented_is_refused(guest, hook, change):
    reply = guest.post(SUBSCRIPTIONS, json=wish(guest, hook, **change))
    assert reply.status_code == 400
    assert hook.tokens == []


@pytest.mark.parametrize("minutes", [-60, 5, 44])
def test_less_than_45_minutes_become_45(client, hook, minutes):
    asked = wish(client, hook, expirationDateTime=ahead(minutes / 1440))
    body = client.post(SUBSCRIPTIONS, json=asked).json()
    life = datetime.fromisoformat(body["expirationDateTime"]) - datetime.now(UTC)
    assert timedelta(minutes=44) < life <= timedelta(minutes=45)


def test_a_drive_root_and_a_leading_slash_will_do(client, hook):
    found = library(client)
    drive = client.get(f"/v1.0/sites/{found['site']}/lists/{found['list']}/drive").json()["id"]
    asked = wish(client, hook, resource=f"/drives/{drive}/root")
    reply = client.post(SUBSCRIPTIONS, json=asked, headers={"Prefer": "includesecuritywebhooks"})
    assert reply.status_code == 201


def test_the_same_resource_twice_is_409(client, hook):
    client.post(SUBSCRIPTIONS, json=wish(client, hook))
    reply = client.post(SUBSCRIPTIONS, json=wish(client, hook))
    assert reply.status_code == 409
    assert "already exists for the requested combination" in reply.json()["error"]["message"]


def test_only_its_own_app_sees_a_subscription(tenant, client, hook):
    made = client.post(SUBSCRIPTIONS, json=wish(client, hook)).json()["id"]
    other = tenant.http("enforcer")
    assert other.get(SUBSCRIPTIONS).json()["value"] == []
    for method in ("GET", "DELETE"):
        assert other.request(method, f"{SUBSCRIPTIONS}/{made}").status_code == 404


def test_an_app_without_a_grant_may_not_listen(tenant, client, hook):
    asked = wish(client, hook)
    reply = tenant.http("enforcer").post(SUBSCRIPTIONS, json=asked)
    assert reply.status_code in (403, 404)


@pytest.mark.parametrize(("role", "status"), [("read", 403), ("write", 403), ("manage", 201)])
def test_a_site_grant_must_be_manage(tenant, client, hook, role, status):
    asked = wish(client, hook)
    grant = {
        "roles": [role],
        "grantedToIdentities": [{"application": {"id": ENFORCER, "displayName": "enforcer"}}],
    }
    site = library(client)["site"]
    assert client.post(f"/v1.0/sites/{site}/permissions", json=grant).status_code == 201
    assert tenant.http("enforcer").post(SUBSCRIPTIONS, json=asked).status_code == status


def test_renewing_changes_the_end_and_nothing_else(client, hook):
    before = client.post(SUBSCRIPTIONS, json=wish(client, hook)).json()
    where = f"{SUBSCRIPTIONS}/{before['id']}"
    after = client.patch(where, json={"expirationDateTime": ahead(20)}).json()
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"expirationDateTime"}
    assert client.patch(where, json={"clientState": "other"}).status_code == 400
    assert client.patch(where, json={"expirationDateTime": ahead(40)}).status_code == 400


def test_a_new_address_shakes_hands_before_it_counts(client, hook):
    made = client.post(SUBSCRIPTIONS, json=wish(client, hook)).json()
    where = f"{SUBSCRIPTIONS}/{made['id']}"
    assert client.patch(where, json={"notificationUrl": "http://127.0.0.1:9/x"}).status_code == 400
    moved = client.patch(where, json={"notificationUrl": hook.url + "&moved=1"}).json()
    assert moved == made | {"notificationUrl": hook.url + "&moved=1"}
    assert len(hook.tokens) == 2


def test_reauthorizing_does_not_prolong(client, hook):
    made = client.post(SUBSCRIPTIONS, json=wish(client, hook)).json()
    where = f"{SUBSCRIPTIONS}/{made['id']}"
    assert client.post(f"{where}/reauthorize").status_code == 204
    assert client.get(where).json() == made


def test_an_expired_subscription_vanishes_without_a_word(tenant, client, hook):
    made = client.post(SUBSCRIPTIONS, json=wish(client, hook)).json()["id"]
    tenant.advance(3 * 86_400)
    assert client.get(SUBSCRIPTIONS).json()["value"] == []
    assert (
        client.patch(f"{SUBSCRIPTIONS}/{made}", json={"expirationDateTime": ahead(5)}).status_code
        == 404
    )
    again = wish(client, hook, expirationDateTime=ahead(9))
    assert client.post(SUBSCRIPTIONS, json=again).status_code == 201
    assert hook.quiet


def test_deleting_ends_it(client, hook):
    made = client.post(SUBSCRIPTIONS, json=wish(client, hook)).json()["id"]
    assert client.delete(f"{SUBSCRIPTIONS}/{made}").status_code == 204
    assert client.delete(f"{SUBSCRIPTIONS}/{made}").status_code == 404


def test_a_person_may_listen_through_the_staff_app(tenant, hook):
    helen = tenant.http(HELEN)
    assert helen.post(SUBSCRIPTIONS, json=wish(helen, hook)).status_code == 201
