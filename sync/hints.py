"""The messages of the two queues, and who may hint: told without a database or a library.

A subscription's clientState is `<key id>.<HMAC-SHA-256 of tenant and list>`; its notificationUrl
carries the list id. So a hint can be checked with the key alone, also while the database is away
(decision 18). Two keys are valid while one replaces the other. Standard library only: the
webhook's cold start pays for every import here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECURITY = "security"
"""What a security subscription's address and hint carry: its news is about permissions."""
SILENT = "silent"
"""A hint's kind when nobody hinted: the list has been quiet for so long that it is read anyway."""
KINDS = (SECURITY, SILENT)
MAX_CLIENT_STATE = 128
"""Characters. Microsoft Graph, subscription resource type, clientState."""


@dataclass(frozen=True, slots=True)
class Message:
    """A queue message: look at this list. It is only a nudge; nothing in it is trusted further.

    `at` is when the cause came (UTC, ISO 8601), `correlation` the W3C traceparent that brought it,
    `delay` the seconds it shall stay hidden in the queue. `kind` is SECURITY where permissions may
    have changed, SILENT where nothing was told, "" where items have changed.
    """

    queue: ClassVar[str]
    list_id: str
    at: str
    correlation: str = ""
    delay: float = 0
    kind: str = ""

    def text(self) -> str:
        fields = asdict(self)
        del fields["delay"]
        if not self.kind:
            del fields["kind"]
        return json.dumps(fields)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a queue message; ValueError names what is missing."""
        try:
            fields = json.loads(text)
            return cls(
                str(fields["list_id"]),
                str(fields["at"]),
                str(fields.get("correlation", "")),
                kind=fields["kind"] if fields.get("kind") in KINDS else "",
            )
        except (KeyError, TypeError, ValueError) as error:
            shown = "{'list_id': …, 'at': …}"
            raise ValueError(f"{text[:80]!r} is not a {cls.__name__} such as {shown}") from error


class Hint(Message):
    """The list has changed: drain it."""

    queue: ClassVar[str] = "library-changed"


class Nudge(Message):
    """There is work for the list in SQL: take a chunk of it."""

    queue: ClassVar[str] = "work"


def parse_keys(text: str) -> dict[str, bytes]:
    """Read VERGER_WEBHOOK_KEYS, "id:hex,id:hex", newest first. ValueError shows a right one."""
    keys = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, apart, value = part.partition(":")
        try:
            keys[name] = bytes.fromhex(value)
        except ValueError:
            keys[name] = b""
        if not name or len(keys[name]) < 16:  # noqa: PLR2004 - 128 bits, what HMAC keys start at
            told = f" {name!r}" if apart else ""  # what stands there without an id may be the key
            raise ValueError(
                f"The webhook key{told} is not an id and at least 32 hex digits, such as "
                "k1:00112233445566778899aabbccddeeff",
            )
    return keys


def client_state(keys: Mapping[str, bytes], tenant_id: str, list_id: str) -> str:
    """Return the clientState for a new subscription, made with the newest key. ≤ 128 characters."""
    name = next(iter(keys))
    return f"{name}.{_mac(keys[name], tenant_id, list_id)}"


def is_ours(state: object, keys: Mapping[str, bytes], tenant_id: str, list_id: str) -> bool:
    """Whether a notification's clientState was made by us for this list. Constant time per key."""
    if not isinstance(state, str) or len(state) > MAX_CLIENT_STATE:
        return False
    name, _, mac = state.partition(".")
    key = keys.get(name)
    wanted = _mac(key or b"no such key", tenant_id, list_id)
    return hmac.compare_digest(mac.encode(), wanted.encode()) and key is not None


def count_ours(
    notifications: Iterable[object], keys: Mapping[str, bytes], tenant_id: str, list_id: str
) -> int:
    """How many of one POST's notifications are ours; the rest are dropped and counted.

    One that names another tenant is not ours, whatever state it carries.
    """
    return sum(
        isinstance(one, dict)
        and is_ours(one.get("clientState"), keys, tenant_id, list_id)
        and not is_foreign(one, tenant_id)
        for one in notifications
    )


def is_foreign(notification: object, tenant_id: str) -> bool:
    """Whether a notification says that it comes from another tenant (Graph: `tenantId`)."""
    named = notification.get("tenantId") if isinstance(notification, dict) else None
    return named is not None and str(named).lower() != tenant_id.lower()


def _mac(key: bytes, tenant_id: str, list_id: str) -> str:
    text = f"{tenant_id.lower()}|{list_id.lower()}".encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()
