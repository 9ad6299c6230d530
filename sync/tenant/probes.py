"""Looks at what a token allows and whether a webhook shakes hands, mostly for `verger doctor`."""

from __future__ import annotations

import base64
import binascii
import secrets
import ssl
from datetime import UTC
from typing import TYPE_CHECKING

import httpx
import msgspec
from cryptography import x509

from sync.tenant.credentials import GRAPH_SCOPE, certificate_of, sharepoint_scope
from sync.tenant.translate import translated

if TYPE_CHECKING:
    from datetime import datetime

    from sync.settings import Settings
    from sync.tenant.client import Tenant

SHAKE_WITHIN = 10.0
"""Seconds Graph gives a webhook to answer its handshake."""


class _Claims(msgspec.Struct):
    roles: list[str] = []


def expires_at(settings: Settings) -> datetime:
    """Return when the app's certificate lapses (aware, UTC). Raises Misconfigured without one."""
    (found, *_) = x509.load_pem_x509_certificates(certificate_of(settings))
    return found.not_valid_after_utc.astimezone(UTC)


async def roles(tenant: Tenant, *, sharepoint: bool = False) -> frozenset[str]:
    """Return the application permissions in a token for Graph, or for SharePoint.

    Raises Refused when the login service knows neither the app nor its certificate.
    """
    host = tenant.settings.sharepoint_host
    token = await tenant.tokens.aget(sharepoint_scope(host) if sharepoint else GRAPH_SCOPE)
    middle = token.split(".")[1]
    try:
        claims = base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))
        return frozenset(msgspec.json.decode(claims, type=_Claims).roles)
    except (msgspec.DecodeError, binascii.Error):  # a token we can't look into shows nothing
        return frozenset()


async def shakes_hands(tenant: Tenant, address: str) -> bool:
    """Whether a webhook gives a validation token back as Graph asks. Raises Unavailable."""
    said = f"Verger doctor {secrets.token_hex(8)}"
    file = tenant.settings.ca_file
    context = ssl.create_default_context(cafile=None if file is None else str(file))
    with translated(f"reach the webhook at {address}"):
        async with httpx.AsyncClient(verify=context, timeout=SHAKE_WITHIN) as client:
            answer = await client.post(address, params={"validationToken": said})
    return answer.status_code == httpx.codes.OK and answer.text == said
