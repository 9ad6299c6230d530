"""Sending mail: the message is accepted and lies in the tenant's mailbox; nothing leaves."""

from __future__ import annotations

import base64
import binascii
from email import message_from_bytes
from email.policy import default
from email.utils import getaddresses
from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import Refusal, access_denied, bad_request
from local.tenant.routing import Route
from local.tenant.store import apps, directory, mail

if TYPE_CHECKING:
    import sqlite3
    from email.message import EmailMessage, MIMEPart

    from local.tenant.call import Call

_NOT_BASE64 = "Invalid base64 string for MIME content."
_NOT_ITS_OWN = (
    "The user account which was used to submit this request does not have the right to send mail "
    "on behalf of the specified sending account."
)


def send(call: Call) -> Answer:
    """Take a message from a mailbox the caller may send from: 202, and no body."""
    sender = _mailbox(call, call.args["user"])
    mime = call.headers.get("content-type", "").lower().startswith("text/plain")
    message = _message(_from_mime(call.body, sender["mail"]) if mime else call.json())
    mail.keep(call.store, sender["mail"], call.who.app_id, message)
    return Answer(202)


def send_mine(call: Call) -> Answer:
    if call.who.user_id is None:
        raise bad_request(
            "/me request is only valid with delegated authentication flow.", "BadRequest"
        )
    call.args["user"] = call.who.user_id
    return send(call)


def _mailbox(call: Call, key: str) -> sqlite3.Row:
    """Return the sender; an app limited to some mailboxes gets 403 for any other."""
    user = directory.user(call.store, key)
    if user is None or not user["mail"]:
        raise Refusal(404, "ErrorInvalidUser", f"The requested user '{key}' is invalid.")
    held = call.who.roles if call.who.app_only else call.who.scopes
    if "Mail.Send" not in held or (not call.who.app_only and user["id"] != call.who.user_id):
        raise Refusal(
            403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
        )
    app = apps.app(call.store, call.who.app_id)
    allowed = {box.casefold() for box in app.mailboxes} if app else set()
    if call.who.app_only and allowed and user["mail"].casefold() not in allowed:
        raise access_denied("Access to OData is disabled: [RestrictedMailbox].")
    return user


def _from_mime(data: bytes, sender: str) -> dict[str, Any]:
    """Return a sendMail body for a message in MIME and base64 (user-sendmail.md, example 4).

    The message shows its HTML where it has one; a text beside it is kept as `text`, which Graph's
    own message has no member for.
    """
    try:
        parsed = message_from_bytes(base64.b64decode(data, validate=True), policy=default)
    except binascii.Error as error:
        raise bad_request(_NOT_BASE64, "ErrorMimeContentInvalidBase64String") from error
    author = [address.casefold() for _, address in getaddresses(parsed.get_all("from", []))]
    if author not in ([], [sender.casefold()]):
        raise Refusal(403, "ErrorSendAsDenied", _NOT_ITS_OWN)
    html, text = parsed.get_body(("html",)), parsed.get_body(("plain",))
    body = {"contentType": "html" if html else "text", "content": _content(html or text)}
    headers = [{"name": name, "value": str(value)} for name, value in parsed.items()
               if name.lower().startswith("x-")]  # fmt: skip
    return {"message": {
        "subject": str(parsed.get("subject", "")), "body": body,
        **{f"{kind}Recipients": _people(parsed, kind) for kind in ("to", "cc", "bcc")},
        "internetMessageHeaders": headers, **({"text": _content(text)} if html and text else {}),
    }}  # fmt: skip


def _content(part: MIMEPart | None) -> str:
    """Return a part's text, its lines as Graph gives them, without the end every part has."""
    text = str(part.get_content()) if part is not None else ""
    return text.replace("\r\n", "\n").removesuffix("\n")


def _people(parsed: EmailMessage, kind: str) -> list[dict[str, Any]]:
    return [{"emailAddress": {"name": name, "address": address}}
            for name, address in getaddresses(parsed.get_all(kind, []))]  # fmt: skip


def _message(body: dict[str, Any]) -> dict[str, Any]:
    """Return the message, whatever case its member has (both clients spell it their way)."""
    lowered = {name.lower(): value for name, value in body.items()}
    message = lowered.get("message")
    if not isinstance(message, dict):
        raise bad_request("The message is missing.", "ErrorInvalidRequest")
    try:
        found = mail.recipients(message)
    except (KeyError, TypeError) as error:
        raise bad_request(
            f"A recipient has no address: {error}", "ErrorInvalidRecipients"
        ) from error
    if not found:
        raise bad_request("At least one recipient isn't valid.", "ErrorInvalidRecipients")
    return message


ROUTES = (
    Route("POST", "/users/{user}/sendMail", send, 1),
    Route("POST", "/me/sendMail", send_mine, 1),
)
