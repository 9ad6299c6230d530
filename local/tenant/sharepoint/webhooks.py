"""SharePoint's own list webhooks: both shapes of request, handshake, 180 days (wire.md 2)."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from local.tenant.call import Answer
from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.places import LOOPBACK
from local.tenant.sharepoint.access import require
from local.tenant.sharepoint.lists import LIST, owner_list
from local.tenant.sharepoint.surface import (
    Ask,
    Later,
    Page,
    Thing,
    Things,
    act,
    keyed,
    kind,
    link,
    reach,
    verb,
)
from local.tenant.store import subscriptions

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from local.tenant.deferred import Hands
    from local.tenant.sharepoint.surface import Result

HOOK = "Microsoft.SharePoint.Webhooks.Subscription"
LONGEST = timedelta(days=180)
HANDSHAKE_S = 5.0
STATE_CHARS = 128


@kind(HOOK, key=lambda row: f"'{row['id']}'")
def show_hook(_ask: Ask, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "clientState": row["state"] or "",
        "expirationDateTime": subscriptions.moment(row["expires"]).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "id": row["id"],
        "notificationUrl": row["url"],
        "resource": row["list_id"],
        "resourceData": None,
        "scenarios": None,
    }


def _of(ask: Ask, list_id: str) -> list[sqlite3.Row]:
    """Return the caller's own webhooks of a list: an app sees no other app's."""
    rows = subscriptions.live(ask.store, ask.who.app_id)
    return [row for row in rows if row["list_id"] == list_id and subscriptions.own(row)]


@link(LIST, "Subscriptions")
def all_hooks(ask: Ask, place: Thing) -> Things:
    require(ask, place, "read")
    return Things(HOOK, lambda ask: Page(_of(ask, place.row["id"])), place)


@keyed(LIST, "Subscriptions")
@reach(f"{HOOK}*", "GetById")
def one_hook(ask: Ask, place: Thing | Things) -> Thing:
    row, wanted = owner_list(place), ask.text("id").lower()
    for hook in _of(ask, row["id"]):
        if hook["id"] == wanted:
            return Thing(HOOK, hook)
    raise not_found("The requested subscription was not found.")


@act(f"{HOOK}*", "Add")
@verb(f"{HOOK}*", "create")
def add(ask: Ask, place: Things) -> Later:
    """Subscribe; kept only after the address has said the token back."""
    row = owner_list(place)
    require(ask, place.owner, "manage")
    url = str(ask.body.get("notificationurl") or "")
    state = str(ask.body.get("clientstate") or "")
    if len(state) > STATE_CHARS:
        raise bad_request("clientState is longer than 128 characters.")
    web = {"siteUrl": ask.site["path"] or "/", "webId": ask.site["web_id"]}
    wanted = subscriptions.Wanted(
        ask.who.app_id, row["id"], row["id"], url, state,
        _expiry(ask) or ask.store.now() + LONGEST,
        extra=json.dumps({subscriptions.OWN: web}),
    )  # fmt: skip

    async def finish(hands: Hands) -> Result:
        await _shake_hands(hands, url)
        with ask.store.transaction():
            made = subscriptions.add(ask.store, wanted)
        return Thing(HOOK, made, f"{place.uri}('{made['id']}')")

    return Later(finish)


@verb(HOOK, "merge")
def change(ask: Ask, place: Thing) -> Answer | Later:
    """Renew, or move to another address, which has to shake hands first."""
    expires, url = _expiry(ask), str(ask.body.get("notificationurl") or "")

    def write() -> None:
        if expires is not None:
            subscriptions.renew(ask.store, place.row["id"], expires)
        if url:
            ask.store.run("UPDATE subscriptions SET url=? WHERE id=?", url, place.row["id"])

    if not url or url == place.row["url"]:
        write()
        return Answer(204)

    async def finish(hands: Hands) -> Result:
        await _shake_hands(hands, url)
        with ask.store.transaction():
            write()
        return Answer(204)

    return Later(finish)


@verb(HOOK, "delete")
def remove(ask: Ask, place: Thing) -> Answer:
    subscriptions.remove(ask.store, place.row["id"])
    return Answer(204)


def _expiry(ask: Ask) -> datetime | None:
    """Return the end that was asked for, None when none was; 400 beyond 180 days or in the past."""
    text = ask.body.get("expirationdatetime")
    if text is None:
        return None
    try:
        expires = subscriptions.moment(str(text))
    except ValueError as error:
        raise bad_request(f"expirationDateTime: {error}") from error
    now = ask.store.now()
    if not now < expires <= now + LONGEST:
        raise Refusal(400, "invalidRequest", "The expiration date must be within 180 days.", -1,
                      "System.ArgumentOutOfRangeException")  # fmt: skip
    return expires


async def _shake_hands(hands: Hands, url: str) -> None:
    """Ask the address to say a token back within five seconds (webhooks overview page)."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and hands.plain and parts.hostname in LOOPBACK
    if not local and (parts.scheme != "https" or not parts.hostname):
        raise bad_request(f"The notification address {url} must be https.")
    token = secrets.token_hex(16)
    asked = f"{url}{'&' if parts.query else '?'}validationtoken={quote(token)}"
    status, media, body = await hands.post(asked, b"", "text/plain; charset=utf-8", HANDSHAKE_S)
    plain = media.partition(";")[0].strip().lower() == "text/plain"
    if status != 200 or not plain or body != token.encode():  # noqa: PLR2004 -- HTTP's OK
        message = f"Failed to validate the notification URL '{url}'."
        raise Refusal(400, "invalidRequest", message, -1, "System.InvalidOperationException")
