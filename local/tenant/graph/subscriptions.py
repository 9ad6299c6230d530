"""Graph's subscription service for lists and drive roots (wire.md 1)."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from local.tenant.call import Answer
from local.tenant.deferred import Deferred
from local.tenant.errors import Refusal, bad_request, not_found
from local.tenant.graph import find
from local.tenant.graph.addressing import canonical
from local.tenant.places import LOOPBACK
from local.tenant.routing import Route
from local.tenant.store import access, subscriptions

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call
    from local.tenant.deferred import Hands
    from local.tenant.store.subscriptions import Wanted

SHORTEST = timedelta(minutes=45)
LONGEST = timedelta(minutes=42_300)
HANDSHAKE_S = 10.0
STATE_CHARS = 128
SECURITY = "includesecuritywebhooks"
CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#subscriptions"
_LIST = re.compile(r"^/sites/(?P<site>[^/]+)/lists/(?P<list>[^/]+)$", re.IGNORECASE)
_DRIVE = re.compile(r"^/drives/(?P<drive>[^/]+)/items/root$", re.IGNORECASE)
_ECHOED = ("lifecycleNotificationUrl", "latestSupportedTlsVersion")
_KNOWN = {"changeType", "notificationUrl", "resource", "expirationDateTime", "clientState",
          "@odata.type", "includeResourceData", *_ECHOED}  # fmt: skip


def create(call: Call) -> Answer:
    """Check the request, then shake hands on the same call; nothing is kept before that."""
    body = call.json()
    if unknown := sorted(set(body) - _KNOWN):
        raise bad_request(f"Unknown members: {', '.join(unknown)}", "BadRequest")
    wanted = _wanted(call, body)
    _refuse_twin(call, wanted)
    addresses = [wanted.url, *_lifecycle(body)]

    async def finish(hands: Hands) -> Answer:
        for address in addresses:
            _check_address(address, plain=hands.plain)
            await _shake_hands(hands, address)
        with call.store.transaction():
            _refuse_twin(call, wanted)
            return Answer(201, shown(subscriptions.add(call.store, wanted), entity=True))

    return Deferred(finish=finish)


def list_all(call: Call) -> Answer:
    rows = [row for row in subscriptions.live(call.store, call.who.app_id)
            if subscriptions.own(row) is None]  # fmt: skip
    return Answer(200, {"@odata.context": CONTEXT, "value": [shown(row) for row in rows]})


def get(call: Call) -> Answer:
    return Answer(200, shown(_mine(call), entity=True))


def update(call: Call) -> Answer:
    """Renew, or move to another address, which has to shake hands first (wire.md 1.1, 2026)."""
    body = call.json()
    given = set(body) - {"@odata.type"}
    if not given or given - {"expirationDateTime", "notificationUrl"}:
        message = "Only expirationDateTime and notificationUrl can be changed."
        raise bad_request(message, "InvalidRequest")
    mine = _mine(call)["id"]
    expires = _expiry(call, body) if "expirationDateTime" in body else None
    address = str(body.get("notificationUrl") or "")
    if not address:
        return Answer(200, shown(_changed(call, mine, expires, ""), entity=True))

    async def finish(hands: Hands) -> Answer:
        _check_address(address, plain=hands.plain)
        await _shake_hands(hands, address)
        with call.store.transaction():
            return Answer(200, shown(_changed(call, mine, expires, address), entity=True))

    return Deferred(finish=finish)


def _changed(call: Call, mine: str, expires: datetime | None, address: str) -> sqlite3.Row:
    if expires is not None:
        subscriptions.renew(call.store, mine, expires)
    if address:
        call.store.run("UPDATE subscriptions SET url=? WHERE id=?", address, mine)
    return _mine(call)


def delete(call: Call) -> Answer:
    subscriptions.remove(call.store, _mine(call)["id"])
    return Answer(204)


def reauthorize(call: Call) -> Answer:
    """Prolong the permission behind a subscription; its life stays as it is (wire.md 1.1)."""
    _mine(call)
    return Answer(204)


def shown(row: sqlite3.Row, *, entity: bool = False) -> dict[str, Any]:
    """Render a subscription as Graph shows it."""
    head = {"@odata.context": f"{CONTEXT}/$entity"} if entity else {}
    return (
        head
        | {
            "id": row["id"],
            "resource": row["resource"],
            "applicationId": row["app"],
            "changeType": "updated",
            "clientState": row["state"] or None,
            "notificationUrl": row["url"],
            "lifecycleNotificationUrl": None,
            "notificationContentType": "application/json",
            "expirationDateTime": zulu(subscriptions.moment(row["expires"])),
            "creatorId": row["app"],
            "latestSupportedTlsVersion": "v1_2",
            "includeResourceData": None,
            "encryptionCertificate": None,
            "encryptionCertificateId": None,
        }
        | subscriptions.echo(row)
    )


def zulu(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wanted(call: Call, body: dict[str, Any]) -> Wanted:
    for name in ("changeType", "notificationUrl", "resource", "expirationDateTime"):
        if not isinstance(body.get(name), str):
            raise bad_request(f"The property '{name}' is required.", "InvalidRequest")
    if body["changeType"] != "updated":
        raise bad_request("Only changeType 'updated' is supported here.", "InvalidRequest")
    if body.get("includeResourceData"):
        raise bad_request("Resource data is not supported for this resource.", "InvalidRequest")
    state = body.get("clientState") or ""
    if len(state) > STATE_CHARS:
        raise bad_request("clientState is longer than 128 characters.", "InvalidRequest")
    return subscriptions.Wanted(
        app=call.who.app_id,
        resource=body["resource"],
        list_id=_resource(call, body["resource"])["id"],
        url=body["notificationUrl"],
        state=state,
        expires=_expiry(call, body),
        security=SECURITY in call.headers.get("prefer", "").lower(),
        extra=json.dumps({name: body[name] for name in _ECHOED if body.get(name)}),
    )


def _resource(call: Call, resource: str) -> sqlite3.Row:
    """Return the list a resource means; 403 or 404 where the caller may not read it.

    A site grant must be `manage` or more, as for SharePoint's own webhooks (wire.md 1.1).
    """
    path, _arguments = canonical("/" + resource.strip("/"))
    if hit := _LIST.match(path):
        row = find.list_row(call, hit["site"], hit["list"])
    elif hit := _DRIVE.match(path):
        row = find.drive_row(call, hit["drive"])
    else:
        raise bad_request(f"Resource '{resource}' is not supported.", "ExtensionError")
    selected = "Sites.Selected" in call.who.roles
    verb = "manage" if selected else "read"
    access.require(call.store, call.who, access.of_list(row), verb)
    return row


def _expiry(call: Call, body: dict[str, Any]) -> datetime:
    try:
        expires = subscriptions.moment(body["expirationDateTime"])
    except ValueError as error:
        raise bad_request(f"expirationDateTime: {error}", "InvalidRequest") from error
    now = call.store.now()
    if expires > now + LONGEST:
        raise bad_request("Subscription expiration can only be 42300 minutes in the future.",
                          "InvalidRequest")  # fmt: skip
    return max(expires, now + SHORTEST)


def _refuse_twin(call: Call, wanted: Wanted) -> None:
    if (twin := subscriptions.twin(call.store, wanted)) is not None:
        message = f"Subscription Id <{twin['id']}> already exists for the requested combination"
        raise Refusal(409, "Conflict", message)


def _lifecycle(body: dict[str, Any]) -> list[str]:
    address = body.get("lifecycleNotificationUrl")
    return [address] if address else []


def _check_address(address: str, *, plain: bool) -> None:
    """Only https will do; http for this machine where --webhook-http admits it."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and plain and parts.hostname in LOOPBACK:
        return
    raise bad_request(f"The notification address {address} must be https.", "InvalidRequest")


async def _shake_hands(hands: Hands, address: str) -> None:
    """Ask the address to say a token back, decoded, within ten seconds (wire.md 1.2)."""
    token = f"Validation: Testing client application reachability {secrets.token_hex(12)}+/="
    joint = "&" if urlsplit(address).query else "?"
    url = f"{address}{joint}validationToken={quote(token, safe='')}"
    status, kind, body = await hands.post(url, b"", "text/plain; charset=utf-8", HANDSHAKE_S)
    media = kind.partition(";")[0].strip().lower()
    if status == 200 and media == "text/plain" and body == token.encode():  # noqa: PLR2004 -- HTTP's OK
        return
    why = _reason(status, media, body)
    raise bad_request(f"Subscription validation request failed. {why}", "ValidationError")


def _reason(status: int, media: str, body: bytes) -> str:
    if status == 0:
        return f"Notification endpoint did not answer in time: {body.decode('utf-8', 'replace')}."
    if status != 200:  # noqa: PLR2004 -- HTTP's OK
        return f"Notification endpoint must respond with 200 OK; it said {status}."
    if media != "text/plain":
        return f"The answer must be text/plain; it was {media or 'untyped'}."
    return "The answer is not the decoded validation token."


def create_here(call: Call) -> Answer:
    """Subscribe to the list or drive root in the address; the body need not name it."""
    return create(replace(call, body=json.dumps({**call.json(), "resource": _here(call)}).encode()))


def list_here(call: Call) -> Answer:
    row = _resource(call, _here(call))
    rows = [each for each in subscriptions.live(call.store, call.who.app_id)
            if each["list_id"] == row["id"] and subscriptions.own(each) is None]  # fmt: skip
    return Answer(200, {"@odata.context": CONTEXT, "value": [shown(each) for each in rows]})


def _here(call: Call) -> str:
    return re.split("/subscriptions", call.path, maxsplit=1, flags=re.IGNORECASE)[0].lstrip("/")


def _mine(call: Call) -> sqlite3.Row:
    row = subscriptions.find(call.store, call.who.app_id, call.args["subscription"])
    if row is None or subscriptions.own(row) is not None:
        raise not_found("The object was not found.")
    return row


ROUTES = (
    Route("POST", "/subscriptions", create, 1),
    Route("GET", "/subscriptions", list_all, 1),
    Route("GET", "/subscriptions/{subscription}", get, 1),
    Route("PATCH", "/subscriptions/{subscription}", update, 1),
    Route("DELETE", "/subscriptions/{subscription}", delete, 1),
    Route("POST", "/subscriptions/{subscription}/reauthorize", reauthorize, 1),
    *(
        route
        for base in ("/sites/{site}/lists/{list}", "/drives/{drive}/items/root")
        for route in (
            Route("GET", f"{base}/subscriptions", list_here, 1),
            Route("POST", f"{base}/subscriptions", create_here, 1),
            Route("GET", f"{base}/subscriptions/{{subscription}}", get, 1),
            Route("PATCH", f"{base}/subscriptions/{{subscription}}", update, 1),
            Route("DELETE", f"{base}/subscriptions/{{subscription}}", delete, 1),
            Route("POST", f"{base}/subscriptions/{{subscription}}/reauthorize", reauthorize, 1),
        )
    ),
)
