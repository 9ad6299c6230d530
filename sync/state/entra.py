"""PostgreSQL without a password: a token of the managed identity at each new connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azure.identity import ManagedIdentityCredential
from sqlalchemy import make_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential

SCOPE = "https://ossrdbms-aad.database.windows.net/.default"
"""Azure Database for PostgreSQL's own audience (Microsoft, Entra authentication)."""


def password_source(
    url: str,
    client_id: str | None,
    make: Callable[..., TokenCredential] = ManagedIdentityCredential,
) -> Callable[[], str] | None:
    """Return what gives a fresh token for each connection; None where the URL needs none.

    A URL with a password of its own (a test server), or to SQLite, needs none. The credential keeps
    a token until shortly before it lapses, so asking is cheap.
    """
    address = make_url(url)
    if address.get_backend_name() != "postgresql" or address.password or client_id is None:
        return None
    credential = make(client_id=client_id)
    return lambda: credential.get_token(SCOPE).token
