"""Mail to staff, from the one mailbox the app may send from (Mail.Send, limited by policy)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from sync.tenant import meter
from sync.tenant.graph import Ask, segment

if TYPE_CHECKING:
    from sync.tenant.client import Tenant

KEY_HEADER = "x-verger-key"  # Graph takes own headers only when they begin with x-


class Mail(msgspec.Struct, frozen=True):
    """A notice ready to go: `key` is its idempotency key, kept in the mail's own headers."""

    to: Sequence[str]
    subject: str
    html: str
    key: str


async def send(tenant: Tenant, mailbox: str, mail: Mail) -> None:
    """Hand a mail to Exchange for sending from `mailbox` (counted as 2 units).

    Not tried again when it may have been sent (Unavailable with `maybe_done`): the caller looks the
    key up before it sends once more. Raises Refused when the app may not send from there.
    """
    message = {
        "subject": mail.subject,
        "body": {"contentType": "html", "content": mail.html},
        "toRecipients": [{"emailAddress": {"address": address}} for address in mail.to],
        "internetMessageHeaders": [{"name": KEY_HEADER, "value": mail.key}],
    }
    body = {"Message": message, "SaveToSentItems": True}
    path = f"/users/{segment(mailbox)}/sendMail"
    doing = f"send the notice {mail.subject!r} from {mailbox}"
    await tenant.graph.send(Ask("POST", path, doing, body, units=meter.WRITE))
