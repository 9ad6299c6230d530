"""Graph's change notifications: asked for, renewed, listed. For drives and lists only `updated`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sync.errors import Missing
from sync.tenant import meter
from sync.tenant.graph import Ask, segment
from sync.tenant.lists import drive_id
from sync.tenant.shapes import Where, list_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync.tenant.client import Tenant

LONGEST = timedelta(minutes=42_300)  # Graph, subscription resource: driveItem and list
SHORTEST = timedelta(minutes=45)  # anything shorter is silently set to this
_HINTED = re.compile(r"/([0-9a-fA-F-]{36})\?kind=security$")
_LIST = re.compile(r"/lists/\{?([0-9a-fA-F-]{36})")
SECURITY = {"Prefer": "includesecuritywebhooks"}  # permission changes of a drive are told too


type Kind = Literal["list", "security"]


class Listed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A subscription as Graph has it; `expires_at` is aware, in UTC."""

    id: str
    resource: str
    expires_at: datetime = msgspec.field(name="expirationDateTime")
    change_type: str = ""
    notification_url: str = ""
    client_state: str | None = None
    application_id: str | None = None

    @property
    def list_id(self) -> str:
        """The GUID of the list it watches, lower case; a drive's is told by our own address."""
        found = _LIST.search(self.resource) or _HINTED.search(self.notification_url)
        return found[1].lower() if found else ""

    @property
    def kind(self) -> Kind:
        """What it hints at: "list" at changed items, "security" at changed permissions too."""
        return "list" if _LIST.search(self.resource) else "security"


class Wish(msgspec.Struct, frozen=True):
    """What to subscribe with: the list, the address Graph calls, its secret (≤ 128 characters)."""

    list: Where
    notification_url: str
    client_state: str
    expires_at: datetime
    lifecycle_url: str | None = None


class _Page(msgspec.Struct):
    value: list[Listed]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


async def create_subscription(tenant: Tenant, wish: Wish) -> Listed:
    """Subscribe to a list's changes (2 units); Graph calls the address before it answers.

    Raises Rejected with status 409 when this app has such a subscription already, 400 when the
    address did not answer the handshake.
    """
    return await _create(tenant, list_path(wish.list), wish, {})


async def create_security_subscription(tenant: Tenant, wish: Wish) -> Listed:
    """Subscribe to a restricted library's drive, permission changes included (decision 13)."""
    drive = await drive_id(tenant, wish.list)
    return await _create(tenant, f"/drives/{drive}/root", wish, SECURITY)


async def _create(tenant: Tenant, resource: str, wish: Wish, headers: Mapping[str, str]) -> Listed:
    body: dict[str, Any] = {
        "changeType": "updated",
        "notificationUrl": wish.notification_url,
        "resource": resource.removeprefix("/"),
        "expirationDateTime": moment(wish.expires_at),
        "clientState": wish.client_state,
    }
    if wish.lifecycle_url:
        body["lifecycleNotificationUrl"] = wish.lifecycle_url
    doing = f"subscribe to {resource}"
    ask = Ask("POST", "/subscriptions", doing, body, headers, units=meter.WRITE)
    return (await tenant.graph.send(ask)).read(Listed)


async def list_subscriptions(tenant: Tenant) -> tuple[Listed, ...]:
    """Return this app's subscriptions (2 units a page). A lost one is announced by nobody."""
    link: str | None = "/subscriptions"
    found: list[Listed] = []
    while link:
        doing = "list the subscriptions"
        body = await tenant.graph.get(link, _Page, doing=doing, units=meter.MANY)
        found += body.value
        link = body.next_link
    return tuple(found)


async def renew_subscription(tenant: Tenant, subscription_id: str, expires_at: datetime) -> Listed:
    """Let a subscription live until `expires_at`, which also reauthorises it (2 units).

    Raises Missing when it is gone: create another.
    """
    path = f"/subscriptions/{segment(subscription_id)}"
    body = {"expirationDateTime": moment(expires_at)}
    doing = f"renew subscription {subscription_id}"
    ask = Ask("PATCH", path, doing, body, units=meter.WRITE)
    return (await tenant.graph.send(ask)).read(Listed)


async def delete_subscription(tenant: Tenant, subscription_id: str) -> None:
    """End a subscription (2 units); one that is gone already is no error."""
    path = f"/subscriptions/{segment(subscription_id)}"
    doing = f"end subscription {subscription_id}"
    try:
        await tenant.graph.send(Ask("DELETE", path, doing, units=meter.WRITE))
    except Missing:
        return


def moment(when: datetime) -> str:
    """Return a time as Graph writes it, e.g. 2026-11-24T09:30:00Z."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
