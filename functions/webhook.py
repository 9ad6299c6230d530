"""Microsoft Graph knocks here: answer the handshake, or turn a notification into one hint.

Everything heavy happens behind the queue. This path imports the standard library and
azure.functions only, needs no database, and answers 202 to whatever it is sent, so that a stranger
learns nothing. An app without its key answers 500, and a sender of much that is not ours gets 429,
so that Graph keeps the notification (decision 18; Graph: handshake within 10 s, answer within 3 s).
"""

from __future__ import annotations

import json
import logging
import os
import re
from datetime import UTC, datetime

import azure.functions as func

from functions.knocks import Knocks, sender_of
from sync.hints import SECURITY, Hint, count_ours, is_foreign, parse_keys

blueprint = func.Blueprint()
knocks = Knocks()
log = logging.getLogger("verger.webhook")

TOKEN = re.compile(r"[ !#-%'-;=?-~]{1,512}")
"""What a handshake may contain: printable ASCII without what opens a tag, an entity or a quote."""
LIST_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
FORWARDED = "X-Forwarded-For"
MAX_BODY = 1_000_000
"""Bytes. A POST of notifications is a few kilobytes; more is nobody we know."""


@blueprint.function_name("webhook")
@blueprint.route("webhook/{list_id}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@blueprint.queue_output("hint", queue_name="library-changed", connection="AzureWebJobsStorage")
async def webhook(
    req: func.HttpRequest, hint: func.Out[str], context: func.Context
) -> func.HttpResponse:
    """In: Graph's POST. Out: the decoded token (200), or 202 and at most one hint for the list."""
    token = req.params.get("validationToken")
    if token is not None:
        return _handshake(token)
    sender = sender_of(req.headers.get(FORWARDED))
    if wait := knocks.wait(sender):
        return func.HttpResponse(status_code=429, headers={"Retry-After": str(wait)})
    list_id = req.route_params.get("list_id", "")
    ours, strangers = _sort(req.get_body(), list_id)
    if strangers:
        knocks.strange(sender)
        log.warning("dropped %d notification(s) not made by us for list %.40r", strangers, list_id)
    if ours:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        kind = SECURITY if req.params.get("kind") == SECURITY else ""
        trace = context.trace_context.trace_parent or ""
        hint.set(Hint(list_id.lower(), now, trace, kind=kind).text())
    return func.HttpResponse(status_code=202)


def _handshake(token: str) -> func.HttpResponse:
    if not TOKEN.fullmatch(token):
        return func.HttpResponse("The validation token is not one of Graph's.", status_code=400)
    plain = {"X-Content-Type-Options": "nosniff"}
    return func.HttpResponse(
        token, status_code=200, mimetype="text/plain", charset="utf-8", headers=plain
    )


def _sort(body: bytes, list_id: str) -> tuple[int, int]:
    """Count our notifications and strangers' in one POST body."""
    notifications = _notifications(body) if LIST_ID.fullmatch(list_id) else None
    if notifications is None:
        return 0, 1
    keys, tenant_id = parse_keys(os.environ["VERGER_WEBHOOK_KEYS"]), os.environ["VERGER_TENANT_ID"]
    if foreign := sum(is_foreign(one, tenant_id) for one in notifications):
        log.warning("%d notification(s) for list %.40r name another tenant", foreign, list_id)
    ours = count_ours(notifications, keys, tenant_id, list_id)
    return ours, len(notifications) - ours


def _notifications(body: bytes) -> list[object] | None:
    """Return the `value` of a changeNotificationCollection, None when it is anything else."""
    if len(body) > MAX_BODY:
        return None
    try:
        value = json.loads(body)["value"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return value if isinstance(value, list) else None
