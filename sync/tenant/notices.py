"""Mail to staff, from the one mailbox the app may send from (Mail.Send, limited by policy).

A notice goes as a whole message in MIME, since sendMail's JSON takes one body and a notice has two:
the same words as text and as HTML ("user: sendMail", example 4).
"""

from __future__ import annotations

import base64
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

import msgspec

from sync.errors import Misconfigured, Rejected
from sync.tenant.graph import Ask, segment

if TYPE_CHECKING:
    from sync.tenant.client import Tenant

KEY_HEADER = "x-verger-key"  # Graph takes own headers only when they begin with x-
MIME = {"Content-Type": "text/plain"}
"""How sendMail is told that its body is a whole message in base64."""


class Mail(msgspec.Struct, frozen=True):
    """A notice ready to go: `key` is its idempotency key, kept in the mail's own headers."""

    to: str
    subject: str
    html: str
    text: str
    key: str


async def send_mail(tenant: Tenant, mail: Mail) -> None:
    """Hand a mail to Exchange for sending from the mailbox of the settings (0 resource units).

    Resource units are SharePoint's; Outlook counts requests, 10,000 in 10 minutes for one app and
    mailbox ("Microsoft Graph service-specific throttling limits", Outlook).

    Not tried again when it may have been sent (Unavailable with `maybe_done`): the caller looks the
    key up before it sends once more. Raises Refused when the app may not send from that mailbox,
    Misconfigured when there is none, Rejected for an address that no mail can go to.
    """
    mailbox = tenant.settings.mailbox
    if not mailbox:
        raise Misconfigured("VERGER_MAILBOX is missing; set it to the mailbox that notices go from")
    doing = f"send the notice {mail.subject!r} from {mailbox}"
    body = base64.b64encode(in_mime(mail, mailbox, doing))
    path = f"/users/{segment(mailbox)}/sendMail"
    await tenant.graph.send(Ask("POST", path, doing, body, MIME, units=0))


def in_mime(mail: Mail, sender: str, doing: str) -> bytes:
    """Return a mail as an RFC 5322 message of two alternatives, the text first (RFC 2046, 5.1.4).

    No line of a subject becomes a header of its own. Raises Rejected for an address that no header
    can hold.
    """
    message = EmailMessage(SMTP)
    message["Subject"] = " ".join(mail.subject.split())
    message[KEY_HEADER] = mail.key
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    try:
        message["From"] = Address(addr_spec=sender)
        message["To"] = Address(addr_spec=mail.to)
        return message.as_bytes()
    except (MessageError, ValueError, IndexError) as error:  # what email says of bad addresses
        raise Rejected(f"{mail.to!r} is no address that a mail can go to", doing=doing) from error
