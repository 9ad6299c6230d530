"""The public keys with which the tenant's login service signs tokens (its JWKS document)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sync.settings import LOGIN_HOST
from sync.tenant.translate import from_answer, translated
from sync.tenant.transports import async_client, async_transport

if TYPE_CHECKING:
    from sync.tenant.client import Tenant

ERRORS = 400


class _Keys(msgspec.Struct):
    keys: list[dict[str, Any]]


def issuer(tenant_id: str) -> str:
    """Return the issuer of the tenant's v2 tokens, as it stands in their `iss`."""
    return f"https://{LOGIN_HOST}/{tenant_id}/v2.0"


async def signing_keys(tenant: Tenant) -> list[dict[str, Any]]:
    """Return the keys as JSON Web Keys (RFC 7517), asked for once: who waits is a caller.

    Raises Unavailable when the login service does not answer, Rejected when it answers nonsense.
    """
    settings = tenant.settings
    address = f"https://{LOGIN_HOST}/{settings.tenant_id}/discovery/v2.0/keys"
    doing = "read the keys that tokens are signed with"
    transport = async_transport(tenant.addresses)
    with translated(doing):
        async with async_client(transport, settings.user_agent) as client:
            answer = await client.get(address)
    if answer.status_code >= ERRORS:
        raise from_answer(doing, answer.status_code, answer.headers, answer.content)
    return msgspec.json.decode(answer.content, type=_Keys).keys
