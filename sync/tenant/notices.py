"""Mail to staff, from the one mailbox the app may send from (Mail.Send, limited by policy)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sync.errors import Misconfigured
from sync.tenant.graph import Ask, segment

if TYPE_CHECKING:
    from sync.tenant.client import Tenant

KEY_HEADER = "x-verger-key"  # Graph takes own headers only when they begin with x-


class Mail(msgspec.Struct, frozen=True):
    """A notice ready to go: `key` is its idempotency key, kept in the mail's own headers."""

    to: str
    subject: str
    html: str
    key: str


async def send_mail(tenant: Tenant, mail: Mail) -> None:
    """Hand a mail to Exchange for sending from the mailbox of the settings (0 resource units).

    Resource units are SharePoint's; Outlook counts requests, 10,000 in 10 minutes for one app and
    mailbox ("Microsoft Graph service-specific throttling limits", Outlook).

    Not tried again when it may have been sent (Unavailable with `maybe_done`): the caller looks the
    key up before it sends once more. Raises Refused when the app may not send from that mailbox,
    Misconfigured when there is none.
    """
    mailbox = tenant.settings.mailbox
    if not mailbox:
        raise Misconfigured("VERGER_MAILBOX is missing; set it to the mailbox that notices go from")
    message = {
        "subject": mail.subject,
        "body": {"contentType": "html", "content": mail.html},
        "toRecipients": [{"emailAddress": {"address": mail.to}}],
        "internetMessageHeaders": [{"name": KEY_HEADER, "value": mail.key}],
    }
    body = {"Message": message, "SaveToSentItems": True}
    path = f"/users/{segment(mailbox)}/sendMail"
    doing = f"send the notice {mail.subject!r} from {mailbox}"
    await tenant.graph.send(Ask("POST", path, doing, body, units=0))
