"""Sending mail: the message is accepted and lies in the tenant's mailbox; nothing leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.tenant.call import Answer
from local.tenant.errors import Refusal, access_denied, bad_request
from local.tenant.routing import Route
from local.tenant.store import apps, directory, mail

if TYPE_CHECKING:
    import sqlite3

    from local.tenant.call import Call


def send(call: Call) -> Answer:
    """Take a message from a mailbox the caller may send from: 202, and no body."""
    sender = _mailbox(call, call.args["user"])
    message = _message(call.json())
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
    Route("POST", "/users/{user}/microsoft.graph.sendMail", send, 1),
    Route("POST", "/me/sendMail", send_mine, 1),
)
