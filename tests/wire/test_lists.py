"""Sites, lists, rows and subscriptions over the real wire."""

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from sync.errors import Missing, Rejected, Stale, Unavailable
from sync.tenant import lists, rows, subscriptions
from sync.tenant.subscriptions import Wish


async def test_a_site_is_found_by_its_address(granted, place):
    site = await lists.site(granted, place.url)
    assert (site.id, site.web_url) == (place.id, place.url)


async def test_a_site_that_is_not_there_is_missing(provisioner):
    with pytest.raises(Missing):
        await lists.site(provisioner, "https://wmin.sharepoint.com/sites/nowhere")


async def test_the_lists_of_a_site_are_told_apart(granted, place):
    found = {one.display_name: one for one in await lists.lists(granted, place.id)}
    assert found["Working documents"].id == place.open.id
    assert found["Working documents"].is_library
    assert not found["Register"].is_library


async def test_columns_and_settings_are_read(granted, place):
    columns = {one.name: one for one in await lists.columns(granted, place.open)}
    assert columns["ReviewDate"].date_time is not None
    assert columns["DocumentNumber"].indexed
    settings = await lists.settings(granted, place.open)
    assert set(settings) == set(lists.SETTINGS)


async def test_a_drive_is_asked_for_once(granted, place):
    assert await lists.drive_id(granted, place.open) == place.open.drive_id
    assert granted.drive_ids == {place.open.id: place.open.drive_id}


async def test_a_row_is_added_found_changed_and_removed(granted, place):
    wanted = {"Title": "Governance strategy", "DocumentNumber": "Gov-04"}
    made = await rows.create(granted, place.register, wanted)
    assert await rows.find(granted, place.register, "DocumentNumber", "Gov-04") == made
    assert await rows.find(granted, place.register, "DocumentNumber", "Gov'05") is None
    (row,) = await rows.find_all(granted, place.register, "DocumentNumber", "Gov-04")
    told = await rows.update(
        granted, place.register, made, {"VersionLabel": "V1", "ReviewDate": "2026-11-06"}, row.tag
    )
    assert told["VersionLabel"] == "V1"
    assert told["ReviewDate"].startswith("2026-11-06")
    with pytest.raises(Stale):
        await rows.update(granted, place.register, made, {"VersionLabel": "V2"}, row.tag)
    assert made in [one.id async for one in rows.every(granted, place.register)]
    await rows.remove(granted, place.register, made)
    await rows.remove(granted, place.register, made)
    assert await rows.find(granted, place.register, "DocumentNumber", "Gov-04") is None


async def test_an_unknown_column_is_rejected(granted, place):
    with pytest.raises(Rejected) as caught:
        await rows.create(granted, place.register, {"Colour": "blue"})
    assert caught.value.status == 400


async def test_a_row_that_may_have_been_added_is_not_added_twice(granted, place, wire):
    effect = {"kind": "refuse", "status": 500, "after": True}
    wire.fault(effect, match={"surface": "graph", "method": "POST", "path": "/items"})
    with pytest.raises(Unavailable) as caught:
        await rows.create(granted, place.register, {"DocumentNumber": "Gov-77"})
    assert caught.value.maybe_done
    assert len(await rows.find_all(granted, place.register, "DocumentNumber", "Gov-77")) == 1


class Handshake(BaseHTTPRequestHandler):
    """Answers Graph's handshake as a webhook must."""

    def do_POST(self):
        token = parse_qs(urlsplit(self.path).query).get("validationToken", [""])[0]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(token.encode())

    def log_message(self, *_):
        """Say nothing on the console."""


@pytest.fixture
def webhook():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handshake) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api/webhook"
        server.shutdown()
        thread.join()


def wish(place, url, **more):
    told = {
        "list": place.open,
        "notification_url": f"{url}/{place.open.id}",
        "client_state": "k1.abc",
        "expires_at": datetime.now(UTC) + timedelta(days=20),
    }
    return Wish(**{**told, **more})


async def test_a_subscription_lives_from_wish_to_end(granted, place, webhook):
    made = await subscriptions.create_subscription(granted, wish(place, webhook))
    assert made.list_id == place.open.id.lower()
    assert made.change_type == "updated"
    with pytest.raises(Rejected) as caught:
        await subscriptions.create_subscription(granted, wish(place, webhook))
    assert caught.value.status == 409
    listed = {one.id: one for one in await subscriptions.list_subscriptions(granted)}
    assert listed[made.id].list_id == place.open.id.lower()
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=28)
    renewed = await subscriptions.renew_subscription(granted, made.id, until)
    assert renewed.expires_at == until
    await subscriptions.delete_subscription(granted, made.id)
    await subscriptions.delete_subscription(granted, made.id)
    with pytest.raises(Missing):
        await subscriptions.renew_subscription(granted, made.id, until)


async def test_a_restricted_library_tells_permission_changes_too(granted, place, webhook):
    made = await subscriptions.create_security_subscription(granted, wish(place, webhook))
    assert place.open.drive_id in made.resource
    assert made.list_id == ""
    await subscriptions.delete_subscription(granted, made.id)


async def test_a_webhook_that_does_not_answer_is_told(granted, place):
    with pytest.raises(Rejected) as caught:
        await subscriptions.create_subscription(granted, wish(place, "http://127.0.0.1:9"))
    assert caught.value.status == 400


async def test_a_life_beyond_the_longest_is_rejected(granted, place, webhook):
    later = datetime.now(UTC) + subscriptions.LONGEST + timedelta(hours=2)
    with pytest.raises(Rejected):
        await subscriptions.create_subscription(granted, wish(place, webhook, expires_at=later))
